"""The packets of the registry, from docs/protocol/wire.md. Usage: registry.py HOST:PORT. Speaks with one server, and prints what it has found out."""
import datetime
import hashlib
import hmac
import os
import socket
import sys

import ed25519
from formats import Refused, jcs, key_id, node_id, parse_json
from identity import Identity, purpose
from link import report, timestamp

PING, FIND, STORE, RETRY = 1, 2, 3, 0x80
WANTS_SIGNATURE, SIGNED = 1, 2
HEAD = 92
LARGEST_ANSWER = {PING: 156, FIND: 1200, STORE: HEAD}
STATUS = ('stored', 'same', 'stale', 'refused')
SECONDS = 10


def id_bytes(text):
    return bytes.fromhex(text.replace('-', ''))


def record_of(identity, seq, metadata):
    """A record that is valid for an hour."""
    payload = {
        'attachments': [],
        'endpoints': ['tls:192.0.2.7:4717'],
        'expires': timestamp(datetime.timedelta(hours=1)),
        'metadata': metadata,
        'node_type': 'server',
        'seq': seq,
        'time': timestamp(),
    }
    text = jcs(payload)
    return b'\x01' + identity.public_key + identity.sign(purpose('record', text)) + text.encode()


def read_record(data):
    """The key and the payload; raises Refused."""
    key, signature, payload = data[1:33], data[33:97], data[97:]
    if data[0] != 1 or len(data) > 1024:
        raise Refused('version or size of a record')
    value = parse_json(payload)
    if jcs(value).encode() != payload:
        raise Refused('a record that is not canonical')
    if not ed25519.verify(key, purpose('record', payload.decode()), signature):
        raise Refused('the signature of a record')
    return key, value


def read_contacts(data):
    """Node ids and addresses."""
    count, at = data[0], 1
    contacts = []
    for _ in range(count):
        key, family = data[at : at + 32], data[at + 32]
        size = {4: 4, 6: 16}[family]
        end = at + 33 + size
        contacts.append((node_id(key), data[at + 33 : end], int.from_bytes(data[end : end + 2], 'big')))
        at = end + 2
    if at != len(data):
        raise Refused('something behind the contacts')
    return contacts


class Server:
    """The other side, by its address. Nothing is known of it but what it proves."""

    def __init__(self, identity, address):
        host, _, port = address.rpartition(':')
        self.identity = identity
        self.address = (host, int(port))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(SECONDS)
        self.secret = os.urandom(32)
        self.session = ed25519.x25519_public(self.secret)
        self.token = bytes(16)
        self.key = None
        self.mac_key = None

    def ask(self, kind, body=b'', flags=0, padded=True):
        """The kind, the body and the size of the answer, once its proof has been checked."""
        if self.mac_key is None:
            flags |= WANTS_SIGNATURE
        transaction = os.urandom(8)
        question = bytes((0xC0, kind, flags, 0)) + transaction + self.identity.public_key + self.session + self.token + body
        if padded and not any(self.token):
            question = question.ljust(LARGEST_ANSWER[kind], b'\0')
        self.socket.sendto(question, self.address)
        while True:
            answer, sender = self.socket.recvfrom(2048)
            if sender == self.address and answer[1] & 0x80 and answer[4:12] == transaction:
                break
        if answer[0] != 0xC0 or answer[3] != 0:
            raise Refused('no answer of the registry')
        if not any(self.token) and len(answer) > len(question):
            raise Refused('an answer longer than a question without a token')
        self.token = answer[12:28]
        if answer[1] == RETRY:
            if len(answer) != 28:
                raise Refused('a RETRY that does not end with its token')
            return RETRY, b'', len(answer)
        if answer[1] != 0x80 | kind:
            raise Refused('an answer to another question')
        digest = hashlib.sha256(question).digest()
        if answer[2] & 1:
            return answer[1], self._signed(digest, answer), len(answer)
        proof = hmac.new(self.mac_key, digest + answer[:-16], 'sha256').digest()[:16]
        if proof != answer[-16:]:
            raise Refused('the authenticator does not fit')
        return answer[1], answer[28:-16], len(answer)

    def _signed(self, digest, answer):
        key, session = answer[28:60], answer[60:92]
        if not ed25519.verify(key, purpose('registry-answer', '') + digest + answer[:-64], answer[-64:]):
            raise Refused('the signature of an answer does not fit')
        if self.key not in (None, key):
            raise Refused('another key answers')
        self.key = key
        shared = ed25519.x25519(self.secret, session)
        self.mac_key = hashlib.sha256(purpose('session', '') + shared + self.session + session + key).digest()
        return answer[92:-64]

    def find(self, target):
        """The record of a node, read; and contacts."""
        kind, body, _ = self.ask(FIND, target)
        if kind == RETRY:
            kind, body, _ = self.ask(FIND, target)
        length = int.from_bytes(body[:2], 'big')
        record = read_record(body[2 : 2 + length]) if length else None
        return record, read_contacts(body[2 + length :])

    def store(self, record):
        kind, body, _ = self.ask(STORE, len(record).to_bytes(2, 'big') + record)
        return 'retry' if kind == RETRY else STATUS[body[0]]

    def introduce(self):
        """A PING that is signed: it may take us into its table."""
        head = bytes((0xC0, PING, SIGNED, 0)) + os.urandom(8) + self.identity.public_key + self.session + self.token
        signature = self.identity.sign(purpose('registry-ping', '') + self.key + head)
        self.socket.sendto(head + signature, self.address)


def main(address):
    identity = Identity('registrar', os.urandom(32), os.urandom(32))
    server = Server(identity, address)
    kind, _, size = server.ask(FIND, id_bytes(identity.node_id), padded=False)
    report('short', retry=kind == RETRY, size=size)
    server.token = bytes(16)
    record = record_of(identity, 7, {'city': 'Graz'})
    report('unproved', status=server.store(record))
    server.token = bytes(16)
    kind, _, size = server.ask(PING)
    report('met', key=key_id(server.key), size=size)
    report('stored', status=server.store(record))
    report('again', status=server.store(record))
    report('older', status=server.store(record_of(identity, 6, {})))
    forged = bytearray(record_of(identity, 8, {}))
    forged[40] ^= 1
    report('forged', status=server.store(bytes(forged)))
    found, contacts = server.find(id_bytes(identity.node_id))
    report('own', node_id=node_id(found[0]), seq=found[1]['seq'], metadata=found[1]['metadata'], contacts=len(contacts))
    found, _ = server.find(id_bytes(node_id(server.key)))
    report('server', node_id=node_id(found[0]), node_type=found[1]['node_type'], endpoints=found[1]['endpoints'])
    # The asker itself is left out of what it is told.
    other = Server(Identity('other', os.urandom(32), os.urandom(32)), address)
    server.introduce()
    found, contacts = other.find(os.urandom(16))
    there = server.socket.getsockname()
    listed = (identity.node_id, socket.inet_aton('127.0.0.1'), there[1]) in contacts
    report('nobody', found=found is not None, listed=listed)


if __name__ == '__main__':
    main(*sys.argv[1:])
