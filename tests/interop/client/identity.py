"""Keys, certificates and signatures of a node, from docs/protocol/wire.md."""
import hashlib
import json

import ed25519
from formats import Refused, b64, b64url, jcs, key_id, node_id, parse_json, public_key_of, spki, unb64, unb64url

ARC = bytes.fromhex('6982f1f2f59ba5e78ab2e993e5efb2c3f7a6d00b')
ED25519_OID = bytes.fromhex('2b6570')


def purpose(name, text):
    return f'parley/{name}/1\n{text}'.encode()


def der(tag, *parts):
    content = b''.join(parts)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, 'big')
    return bytes((tag, 0x80 | len(length))) + length + content


def oid(content):
    return der(0x06, content)


def extension(identifier, value, critical=False):
    flag = der(0x01, b'\xff') if critical else b''
    return der(0x30, oid(identifier), flag, der(0x04, value))


def time(text):
    """UTCTime before 2050, GeneralizedTime from then on (RFC 5280 section 4.1.2.5), from `YYYY-MM-DDTHH:MM:SS`."""
    digits = ''.join(character for character in text[:19] if character.isdigit())
    if int(digits[:4]) < 2050:
        return der(0x17, (digits[2:] + 'Z').encode())
    return der(0x18, (digits + 'Z').encode())


class Identity:
    def __init__(self, name, seed, sealing_secret):
        self.name = name
        self.seed = seed
        self.public_key = ed25519.public_key(seed)
        self.node_id = node_id(self.public_key)
        self.key_id = key_id(self.public_key)
        self.sealing_key = ed25519.x25519_public(sealing_secret)

    def sign(self, data):
        return ed25519.sign(self.seed, data)

    def certificate(self, serial, not_before, not_after):
        """Self-signed DER."""
        algorithm = der(0x30, oid(ED25519_OID))
        subject = der(0x30, der(0x31, der(0x30, oid(bytes.fromhex('550403')), der(0x0C, self.name.encode()))))
        proof = self.sign(purpose('sealing-key', b64(self.sealing_key)))
        usages = oid(bytes.fromhex('2b06010505070302')) + oid(bytes.fromhex('2b06010505070301'))
        extensions = der(
            0x30,
            extension(bytes.fromhex('551d13'), der(0x30), True),
            extension(bytes.fromhex('551d0f'), der(0x03, b'\x07\x80'), True),
            extension(bytes.fromhex('551d25'), der(0x30, usages)),
            extension(bytes.fromhex('551d11'), der(0x30, der(0x86, f'urn:uuid:{self.node_id}'.encode()))),
            extension(ARC + b'\x01', der(0x04, self.sealing_key)),
            extension(ARC + b'\x02', der(0x04, proof)),
        )
        validity = der(0x30, time(not_before), time(not_after))
        body = der(
            0x30,
            der(0xA0, der(0x02, b'\x02')),
            der(0x02, serial),
            algorithm,
            subject,
            validity,
            subject,
            spki(self.public_key),
            der(0xA3, extensions),
        )
        return der(0x30, body, algorithm, der(0x03, b'\0', self.sign(body)))

    def private_key_der(self):
        """PKCS #8 (RFC 8410 section 7)."""
        return der(0x30, der(0x02, b'\0'), der(0x30, oid(ED25519_OID)), der(0x04, der(0x04, self.seed)))

    def auth(self, message, when, unsigned=()):
        """The message with `auth`."""
        head = {'key': self.key_id, 'time': when}
        return {**message, 'auth': {**head, 'sig': b64(self.sign(auth_bytes(message, head, unsigned)))}}

    def jws(self, payload):
        header = {'alg': 'EdDSA', 'kid': self.key_id}
        signing_input = '.'.join(b64url(compact(part).encode()) for part in (header, payload))
        return f'{signing_input}.{b64url(self.sign(signing_input.encode()))}'


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


def auth_bytes(message, head, unsigned=()):
    data = {name: value for name, value in message['msg_data'].items() if name not in unsigned}
    covered = {
        'auth': {'key': head['key'], 'time': head['time']},
        'flood': message['flood'],
        'msg_data': data,
        'msg_type': message['msg_type'],
    }
    return purpose('auth', jcs(covered))


UNSIGNED = {'SEALED': ('recipient',), 'FLEETING': ('recipient',), 'CONNECT': ('src', 'dst'), 'MESSAGE': ('recipient',)}


def origin_of(message):
    data = message['msg_data']
    if message['msg_type'] == 'CONNECT':
        return data['src_node_id'] if data['dst'] == '' else data['dst_node_id']
    return data['node_id']


def check_auth(message):
    """Raises Refused unless `auth` proves the origin. The time is the caller's to judge."""
    head = message.get('auth')
    if head is None:
        raise Refused('auth is missing')
    key = public_key_of(head['key'])
    if node_id(key) != origin_of(message):
        raise Refused('the origin is not the owner of the key')
    if not ed25519.verify(key, auth_bytes(message, head, UNSIGNED.get(message['msg_type'], ())), unb64(head['sig'])):
        raise Refused('the signature does not fit')


def read_message(data):
    """The payload of a MESSAGE, from its `msg_data`; raises Refused."""
    header_text, payload_text, signature = unb64(data['message']).decode('ascii').split('.')
    header = parse_json(unb64url(header_text))
    if header.get('alg') != 'EdDSA' or 'typ' in header or 'crit' in header:
        raise Refused('the header of the JWS')
    key = public_key_of(header['kid'])
    if not ed25519.verify(key, f'{header_text}.{payload_text}'.encode(), unb64url(signature)):
        raise Refused('the signature of the JWS')
    payload = parse_json(unb64url(payload_text))
    if payload['node_id'] != node_id(key) or any(payload[name] != data[name] for name in ('msg_id', 'node_id', 'channel_id', 'timestamp')):
        raise Refused('the fields around the JWS')
    return payload


def safety_number(one, other):
    def digits(key):
        digest = hashlib.sha256(b'parley/safety-number/1\n' + key).digest()
        for _ in range(5199):
            digest = hashlib.sha256(digest + key).digest()
        groups = (int.from_bytes(digest[at : at + 5], 'big') % 100000 for at in range(0, 30, 5))
        return ' '.join(f'{group:05}' for group in groups)

    return ' '.join(sorted((digits(one), digits(other))))
