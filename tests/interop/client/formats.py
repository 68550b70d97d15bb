"""Formats of the wire, from docs/protocol/wire.md: encodings, canonical JSON, ids, names, timestamps."""
import base64
import calendar
import hashlib
import json
import re
import unicodedata

BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
SPKI_PREFIX = bytes.fromhex('302a300506032b6570032100')
MAX_NESTING = 16


class Refused(Exception):
    """What the document says is refused."""


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    try:
        data = base64.b64decode(text.encode('ascii'), validate=True)
    except ValueError as error:
        raise Refused('base64') from error
    if b64(data) != text:
        raise Refused('base64 is not canonical')
    return data


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def unb64url(text):
    if not re.fullmatch(r'[A-Za-z0-9_-]*', text) or len(text) % 4 == 1:
        raise Refused('base64url')
    data = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
    if b64url(data) != text:
        raise Refused('base64url is not canonical')
    return data


def base58(data):
    number = int.from_bytes(data, 'big')
    text = ''
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return '1' * (len(data) - len(data.lstrip(b'\0'))) + text


def unbase58(text):
    number = 0
    for character in text:
        number = number * 58 + BASE58.index(character)
    ones = len(text) - len(text.lstrip('1'))
    return b'\0' * ones + number.to_bytes((number.bit_length() + 7) // 8, 'big')


def guid_of(digest):
    data = bytearray(digest[:16])
    data[6] = data[6] & 0x0F | 0x80
    data[8] = data[8] & 0x3F | 0x80
    text = data.hex()
    return '-'.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def spki(public_key):
    return SPKI_PREFIX + public_key


def node_id(public_key):
    return guid_of(hashlib.sha256(spki(public_key)).digest())


def key_id(public_key):
    return 'key_' + base58(public_key)


def public_key_of(text):
    if not re.fullmatch(r'key_[1-9A-HJ-NP-Za-km-z]{32,44}', text):
        raise Refused('key id')
    key = unbase58(text[4:])
    if len(key) != 32:
        raise Refused('key id')
    return key


def channel_id(creator, nonce):
    return guid_of(hashlib.sha256(f'parley/channel/1\n{creator}\n{nonce}'.encode()).digest())


def is_guid(text):
    return re.fullmatch(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', text) is not None


def is_timestamp(text):
    found = re.fullmatch(r'([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.[0-9]{3}Z', text)
    if not found:
        return False
    year, month, day, hour, minute, second = (int(group) for group in found.groups())
    if not 1 <= month <= 12 or hour > 23 or minute > 59 or second > 59:
        return False
    # Python's calendar has no year 0; its months are those of any leap year.
    return 1 <= day <= calendar.monthrange(year or 4, month)[1]


HIDDEN = re.compile('[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb#]')


def is_name(text):
    categories = [unicodedata.category(character) for character in text]
    return (
        1 <= len(text) <= 64
        and text == text.strip()
        and not HIDDEN.search(text)
        and not any(category in ('Cc', 'Cs', 'Zl', 'Zp') for category in categories)
        and any(category[0] in 'LNPS' for category in categories)
    )


def ecma_number(value):
    """A number as ECMAScript prints it (RFC 8785 section 3.2.2.3)."""
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    value = float(value)
    if value == 0:
        return '0'
    if value < 0:
        return '-' + ecma_number(-value)
    mantissa, _, exponent = f'{value!r}'.partition('e')
    whole, _, fraction = mantissa.partition('.')
    fraction = '' if fraction == '0' else fraction
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip('0')
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip('0')
    count = len(digits)
    if count <= point <= 21:
        return digits + '0' * (point - count)
    if 0 < point <= 21:
        return digits[:point] + '.' + digits[point:]
    if -6 < point <= 0:
        return '0.' + '0' * -point + digits
    sign = '+' if point > 0 else '-'
    return digits[0] + ('.' + digits[1:] if count > 1 else '') + 'e' + sign + str(abs(point - 1))


def jcs(value):
    """Canonical JSON (RFC 8785)."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return ecma_number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return '[' + ','.join(jcs(item) for item in value) + ']'
    keys = sorted(value, key=lambda key: key.encode('utf-16-be'))
    return '{' + ','.join(jcs(key) + ':' + jcs(value[key]) for key in keys) + '}'


def parse_json(data):
    """One message from its bytes; raises Refused for what the wire does not allow."""
    try:
        value = json.loads(data.decode('utf-8'), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused('not JSON') from error
    if not isinstance(value, dict):
        raise Refused('not an object')
    _check(value, 1)
    return value


def _no_constant(name):
    raise ValueError(name)


def _check(value, depth):
    if isinstance(value, str):
        if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise Refused('a lone surrogate')
    elif isinstance(value, float):
        if value in (float('inf'), float('-inf')):
            raise Refused('a number beyond the range of a double')
    elif isinstance(value, int):
        if abs(value) > 1.8e308:
            raise Refused('a number beyond the range of a double')
    elif isinstance(value, (dict, list)):
        if depth > MAX_NESTING:
            raise Refused('nested too deep')
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
        for key in value if isinstance(value, dict) else ():
            if key == '__proto__':
                raise Refused('a key __proto__')
            _check(key, depth + 1)
