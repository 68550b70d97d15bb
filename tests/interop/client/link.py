"""A link over TLS 1.3, from docs/protocol/wire.md."""
import datetime
import json
import os
import socket
import ssl
import tempfile
import time

from formats import Refused, b64, is_guid, node_id, parse_json, public_key_of
from frames import KEEP_ALIVE, Frames, json_frame
from identity import compact

KEEP_ALIVE_SECONDS = 15
DEAD_SECONDS = 45


def timestamp(ahead=datetime.timedelta()):
    now = datetime.datetime.now(datetime.timezone.utc) + ahead
    return now.strftime('%Y-%m-%dT%H:%M:%S.') + f'{now.microsecond // 1000:03}Z'


def pem(label, data):
    text = b64(data)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return '\n'.join([f'-----BEGIN {label}-----', *lines, f'-----END {label}-----', ''])


def _field(data, at):
    """Where the DER element at `at` has its content, and where it ends."""
    length = data[at + 1]
    start = at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size], 'big')
        start += size
    return start, start + length


def certificate_key(der):
    """The raw Ed25519 key of a certificate."""
    at, _ = _field(der, 0)
    at, _ = _field(der, at)
    # Version, serial number, algorithm, issuer, validity, subject.
    for _ in range(6):
        _, at = _field(der, at)
    _, end = _field(der, at)
    if der[at : end - 32] != bytes.fromhex('302a300506032b6570032100'):
        raise Refused('the certificate is not over an Ed25519 key')
    return der[end - 32 : end]


class Link:
    def __init__(self, identity, certificate, address, alpn=('parley/1',), claim=None):
        host, _, port = address.rpartition(':')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        # The key is the identity: it is compared with HELLO below.
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if alpn:
            context.set_alpn_protocols(list(alpn))
        with tempfile.NamedTemporaryFile('w', suffix='.pem') as file:
            file.write(pem('PRIVATE KEY', identity.private_key_der()) + pem('CERTIFICATE', certificate))
            file.flush()
            os.chmod(file.name, 0o600)
            context.load_cert_chain(file.name)
        self.identity = identity
        self._socket = context.wrap_socket(socket.create_connection((host.strip('[]'), int(port)), timeout=10))
        self.alpn = self._socket.selected_alpn_protocol()
        self.tls = self._socket.version()
        self._frames = Frames()
        self._waiting = []
        self._heard = self._spoke = time.monotonic()
        self.peer_key = certificate_key(self._socket.getpeercert(True))
        self.peer = node_id(self.peer_key)
        self.peer_attributes = self._hello(address, claim or identity.node_id)

    def _hello(self, address, claim):
        attributes = {'node_type': 'client', 'name': self.identity.name}
        hello = {
            'node_id': claim,
            'version': 'python-interop/1',
            'attributes': attributes,
            'time': timestamp(),
            'seen_address': address,
        }
        self.say('HELLO', hello)
        message = self.receive(10)
        if message is None or message['msg_type'] != 'HELLO':
            raise Refused(f'instead of HELLO came {message}')
        data = message['msg_data']
        if data['node_id'] != self.peer or ('key' in data and public_key_of(data['key']) != self.peer_key):
            raise Refused('HELLO does not fit the certificate')
        return data['attributes']

    def say(self, verb, data):
        """A message between neighbours."""
        self.send({'msg_type': verb, 'msg_data': data, 'ttl': 1, 'flood': False})

    def send(self, message):
        self._socket.sendall(json_frame(compact(message)))
        self._spoke = time.monotonic()

    def receive(self, seconds):
        """The next message; None when there is none in that time. Raises EOFError at the end of the link."""
        until = time.monotonic() + seconds
        while not self._waiting:
            now = time.monotonic()
            if now >= until:
                return None
            if now - self._heard > DEAD_SECONDS:
                raise EOFError('silence')
            if now - self._spoke >= KEEP_ALIVE_SECONDS:
                self._keep_alive()
            self._socket.settimeout(max(0.001, min(until - now, 1)))
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                continue
            if not data:
                raise EOFError('closed')
            self._heard = time.monotonic()
            for kind, _, body in self._frames.push(data):
                if kind == 'message':
                    self._waiting.append(parse_json(body))
                elif kind == 'keep-alive' and time.monotonic() - self._spoke >= KEEP_ALIVE_SECONDS / 2:
                    self._keep_alive()
        message = self._waiting.pop(0)
        if message['msg_type'] == 'BYE':
            raise EOFError(message['msg_data']['reason'])
        return message

    def _keep_alive(self):
        self._socket.sendall(KEEP_ALIVE)
        self._spoke = time.monotonic()

    def close(self):
        self.say('BYE', {'reason': 'going away'})
        self._socket.close()


def report(event, **fields):
    """One line of JSON for whoever started this program."""
    print(json.dumps({'event': event, **fields}, ensure_ascii=False), flush=True)


def new_guid():
    data = bytearray(os.urandom(16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    text = data.hex()
    guid = '-'.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    assert is_guid(guid)
    return guid
