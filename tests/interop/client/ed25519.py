"""Ed25519 (RFC 8032) and X25519 (RFC 7748) in plain Python: slow, and good enough to talk to anybody."""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(a, b):
    """Extended coordinates (x, y, z, t) with x y = z t."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, z, w, y = f - e, h - g, h + g, f + e
    return (x * z % P, w * y % P, z * w % P, x * y % P)


def _times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


_BASE_Y = 4 * pow(5, -1, P) % P
_BASE_X = _x_of(_BASE_Y, 0)
BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def _encode(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, 'little')


def _decode(data):
    number = int.from_bytes(data, 'little')
    y, sign = number & (1 << 255) - 1, number >> 255
    x = _x_of(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def _small(point):
    x, y, z, _ = _times(8, point)
    return x % P == 0 and (y - z) % P == 0


def _digest(*parts):
    return int.from_bytes(hashlib.sha512(b''.join(parts)).digest(), 'little')


def _expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], 'little') & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def public_key(seed):
    return _encode(_times(_expand(seed)[0], BASE))


def sign(seed, data):
    scalar, prefix = _expand(seed)
    public = _encode(_times(scalar, BASE))
    nonce = _digest(prefix, data) % L
    point = _encode(_times(nonce, BASE))
    s = (nonce + _digest(point, public, data) * scalar) % L
    return point + s.to_bytes(32, 'little')


def verify(public, data, signature):
    """Strict and without the cofactor, as docs/protocol/wire.md asks."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = _decode(public), _decode(signature[:32])
    s = int.from_bytes(signature[32:], 'little')
    if key is None or r is None or s >= L or _small(key) or _small(r):
        return False
    k = _digest(signature[:32], public, data) % L
    return _encode(_times(s, BASE)) == _encode(_add(r, _times(k, key)))


def x25519_public(secret):
    """The Montgomery u of the secret times the base point, by the birational map from Edwards coordinates."""
    scalar = int.from_bytes(secret, 'little') & (1 << 254) - 8 | 1 << 254
    _, y, z, _ = _times(scalar, BASE)
    return ((z + y) * pow(z - y, -1, P) % P).to_bytes(32, 'little')


def x25519(secret, u):
    """The Montgomery u of the secret times a point, by the ladder of RFC 7748 section 5."""
    scalar = int.from_bytes(secret, 'little') & (1 << 254) - 8 | 1 << 254
    first = int.from_bytes(u, 'little') & (1 << 255) - 1
    a, b = (1, 0), (first, 1)
    for at in range(254, -1, -1):
        bit = scalar >> at & 1
        if bit:
            a, b = b, a
        plus, minus = (a[0] + a[1]) ** 2 % P, (a[0] - a[1]) ** 2 % P
        one, two = (b[0] - b[1]) * (a[0] + a[1]) % P, (b[0] + b[1]) * (a[0] - a[1]) % P
        b = ((one + two) ** 2 % P, first * (one - two) ** 2 % P)
        a = (plus * minus % P, (plus - minus) * (plus + 121665 * (plus - minus)) % P)
        if bit:
            a, b = b, a
    return (a[0] * pow(a[1], -1, P) % P).to_bytes(32, 'little')
