"""Checks docs/protocol/vectors.json against this client. Usage: check_vectors.py FILE. Prints JSON: how many of each kind held."""
import hashlib
import hmac
import json
import struct
import sys

import ed25519
from formats import (
    Refused,
    b64,
    b64url,
    channel_id,
    ecma_number,
    is_guid,
    is_name,
    is_timestamp,
    jcs,
    key_id,
    node_id,
    parse_json,
    public_key_of,
    spki,
    unb64,
    unb64url,
)
from frames import Frames, data_frame, json_frame
from identity import UNSIGNED, Identity, auth_bytes, check_auth, compact, purpose, read_message, safety_number

counts = {}


def same(kind, found, expected):
    if found != expected:
        raise SystemExit(f'{kind}: {found!r} is not {expected!r}')
    counts[kind] = counts.get(kind, 0) + 1


def refused(kind, run, why):
    try:
        run()
    except Refused:
        counts[kind] = counts.get(kind, 0) + 1
        return
    raise SystemExit(f'{kind}: taken, and should have been refused: {why!r}')


def check_key(vector):
    identity = Identity(vector['name'], bytes.fromhex(vector['seed']), bytes.fromhex(vector['sealing_secret']))
    same('keys', identity.public_key.hex(), vector['public_key'])
    same('keys', spki(identity.public_key).hex(), vector['spki_der'])
    same('keys', key_id(identity.public_key), vector['key_id'])
    same('keys', public_key_of(vector['key_id']), identity.public_key)
    same('keys', node_id(identity.public_key), vector['node_id'])
    same('keys', identity.sealing_key.hex(), vector['sealing_key'])
    signed = purpose('sealing-key', b64(identity.sealing_key))
    same('keys', signed.decode(), vector['sealing_proof_signs'])
    same('keys', identity.sign(signed).hex(), vector['sealing_proof'])
    serial = bytes.fromhex(vector['certificate_serial'])
    made = identity.certificate(serial, vector['certificate_not_before'], vector['certificate_not_after'])
    same('certificates', b64(made), vector['certificate_der'])
    return identity


def check_auth_vector(vector, people):
    message = parse_json(vector['message'].encode())
    unsigned = UNSIGNED.get(vector['verb'], ())
    same('auth', auth_bytes(message, message['auth'], unsigned).decode(), vector['signs'])
    check_auth(message)
    again = people[vector['signer']].auth({**message, 'auth': None}, message['auth']['time'], unsigned)
    same('auth', again['auth'], message['auth'])
    same('auth', message['auth']['sig'], vector['sig'])
    refused('auth_refused', lambda: check_auth({**message, 'flood': not message['flood']}), 'another flood')
    changed = {**message, 'msg_data': {**message['msg_data'], 'more': 1}}
    refused('auth_refused', lambda: check_auth(changed), 'another member')
    for member in unsigned:
        if member in message['msg_data'] and message['msg_data'][member]:
            check_auth({**message, 'msg_data': {**message['msg_data'], member: '192.0.2.99:1'}})
            counts['auth_uncovered'] = counts.get('auth_uncovered', 0) + 1


def check_seen(vector):
    message = parse_json(vector['message'].encode())
    check_auth(message)
    same('seen', [message['auth']['key'], message['msg_type'], message['msg_data']['msg_id']], vector['seen_as'])


def check_proof(vector, people):
    fields = {name: vector[name] for name in ('role', 'from', 'to', 'nonce_from', 'nonce_to', 'binding')}
    signed = purpose('link', jcs(fields))
    same('link_proof', signed.decode(), vector['signs'])
    same('link_proof', b64(people[vector['signer']].sign(signed)), vector['sig'])
    same('link_proof', ed25519.verify(public_key_of(vector['from']), signed, unb64(vector['sig'])), True)


def check_message(vector, people):
    payload = json.loads(vector['payload'])
    same('message', compact(json.loads(vector['header'])), vector['header'])
    same('message', people[vector['signer']].jws(payload), vector['jws'])
    same('message', b64(vector['jws'].encode()), vector['message'])
    around = {name: payload[name] for name in ('msg_id', 'node_id', 'channel_id', 'timestamp')}
    same('message', read_message({**around, 'message': vector['message']}), payload)
    refused('message_refused', lambda: read_message({**around, 'msg_id': around['channel_id'], 'message': vector['message']}), 'another id')


def check_frame(vector):
    data = bytes.fromhex(vector['hex'])
    # Whole, and a byte at a time: streams are cut anywhere.
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        frames = Frames()
        found = [frame for piece in pieces for frame in frames.push(piece)]
        if vector['what'] == 'keep-alive':
            same('frames', found, [('keep-alive', None, None)])
        elif vector['what'] == 'message':
            same('frames', found, [('message', None, vector['json'].encode())])
            same('frames', json_frame(vector['json']), data)
        else:
            same('frames', found, [('data', vector['transfer'], bytes.fromhex(vector['payload']))])
            same('frames', data_frame(vector['transfer'], bytes.fromhex(vector['payload'])), data)


def check_registry(vector, people):
    record = vector['record']
    signer = people[record['signer']]
    payload = record['payload'].encode()
    same('registry', jcs(json.loads(record['payload'])), record['payload'])
    same('registry', purpose('record', payload.decode()).decode(), record['signs'])
    same('registry', signer.sign(record['signs'].encode()).hex(), record['sig'])
    made = b'\x01' + signer.public_key + bytes.fromhex(record['sig']) + payload
    same('registry', made.hex(), record['record'])

    session = {name: bytes.fromhex(value) for name, value in vector['session'].items()}
    hub, ben = people['hub'], people['ben']
    hashed = purpose('session', '') + session['shared'] + session['asker'] + session['answerer'] + hub.public_key
    same('registry', hashlib.sha256(hashed).digest(), session['key'])
    question = b''
    for row in vector['packets']:
        packet = bytes.fromhex(row['packet'])
        if not packet[1] & 0x80:
            question = packet
            # A PING that is signed, and bears the signature behind the token.
            if packet[2] & 2:
                covered = purpose('registry-ping', '') + hub.public_key + packet[:92]
                same('registry', packet[92:156], ben.sign(covered))
        elif packet[1] != 0x80:
            digest = hashlib.sha256(question).digest()
            same('registry', digest.hex(), row['question_sha256'])
            same('registry', packet[4:12], question[4:12])
            if packet[2] & 1:
                same('registry', hub.sign(purpose('registry-answer', '') + digest + packet[:-64]), packet[-64:])
            else:
                mac = hmac.new(session['key'], digest + packet[:-16], 'sha256').digest()
                same('registry', packet[-16:], mac[:16])


def read_announcement(packet):
    if len(packet) < 112 or packet[0] != 0xC1 or packet[1] != 1 or packet[2] > 1:
        raise Refused('no announcement')
    port, time = struct.unpack('>H2xQ', packet[4:16])
    if port == 0 or time >= 2**53:
        raise Refused('no announcement')
    body, signature = packet[:-64], packet[-64:]
    if not ed25519.verify(packet[16:48], purpose('lan', b64(body)), signature):
        raise Refused('not signed by its key')
    return ('server' if packet[2] else 'client', port, time, packet[16:48])


def check_lan(vector, people):
    for row in vector['good']:
        packet, signer = bytes.fromhex(row['packet']), people[row['signer']]
        same('lan', read_announcement(packet), (row['node_type'], row['port'], row['time'], signer.public_key))
        same('lan', purpose('lan', b64(packet[:-64])).decode(), row['signs'])
        same('lan', signer.sign(row['signs'].encode()).hex(), row['sig'])
    for row in vector['refused']:
        refused('lan_refused', lambda packet=bytes.fromhex(row['packet']): read_announcement(packet), row['why'])


def check_toward(vector):
    came = parse_json(vector['came'].encode())
    for row in vector['goes_on']:
        message = parse_json(row['message'].encode())
        check_auth(message)
        expected = {**came, 'ttl': came['ttl'] - 1, 'via': [*came.get('via', []), vector['at']]}
        del expected['toward']
        if 'toward' in row:
            expected['toward'] = row['toward']
        same('toward', message, expected)
    for text in vector['refused']:
        same('toward_refused', is_guid(parse_json(text.encode())['toward']), False)


def check_circuit(vector, people):
    for row in vector['handshakes']:
        maker, hop = bytes.fromhex(row['maker_secret']), bytes.fromhex(row['hop_secret'])
        offered, answered = ed25519.x25519_public(maker), ed25519.x25519_public(hop)
        same('circuit', (b64(offered), b64(answered)), (row['from'], row['to']))
        identity = people[row['hop']]
        own_id = node_id(identity.public_key)
        text = jcs({'depth': row['depth'], 'from': b64(offered), 'node_id': own_id, 'to': b64(answered)})
        same('circuit', purpose('circuit', text).decode(), row['signs'])
        same('circuit', b64(identity.sign(row['signs'].encode())), row['sig'])
        key = hmac.new(offered + answered, ed25519.x25519(maker, answered), hashlib.sha256).digest()
        info = purpose('circuit-keys', own_id)
        first = hmac.new(key, info + b'\x01', hashlib.sha256).digest()
        second = hmac.new(key, first + info + b'\x02', hashlib.sha256).digest()
        same('circuit', (first.hex(), second.hex()), (row['forward'], row['backward']))


def main(path):
    with open(path, encoding='utf-8') as file:
        vectors = json.load(file)
    people = {vector['name']: check_key(vector) for vector in vectors['keys']}
    for vector in vectors['auth']:
        check_auth_vector(vector, people)
    for vector in vectors['seen']:
        check_seen(vector)
    same('seen', len({tuple(vector['seen_as']) for vector in vectors['seen']}), len(vectors['seen']) - 1)
    for vector in vectors['link_proof']:
        check_proof(vector, people)
    check_message(vectors['message'], people)
    check_registry(vectors['registry'], people)
    check_lan(vectors['lan'], people)
    check_toward(vectors['toward'])
    check_circuit(vectors['circuit'], people)
    for vector in vectors['signatures']:
        key, signature = bytes.fromhex(vector['public_key']), bytes.fromhex(vector['sig'])
        same('signatures', ed25519.verify(key, vector['signs'].encode(), signature), vector['taken'])
    for vector in vectors['frames']:
        check_frame(vector)
    for vector in vectors['frames_refused']:
        refused('frames_refused', lambda: list(Frames().push(bytes.fromhex(vector['hex']))), vector['why'])
    for vector in vectors['json_refused']:
        refused('json_refused', lambda: parse_json(bytes.fromhex(vector['hex'])), vector['why'])
    for vector in vectors['jcs']:
        same('jcs', jcs(json.loads(vector['json'])), vector['canonical'])
    for vector in vectors['jcs_numbers']:
        value = struct.unpack('>d', bytes.fromhex(vector['ieee754']))[0]
        same('jcs_numbers', ecma_number(value), vector['canonical'])
    for vector in vectors['key_ids']['good']:
        key = bytes.fromhex(vector['public_key'])
        same('key_ids', key_id(key), vector['key_id'])
        same('key_ids', public_key_of(vector['key_id']), key)
    for text in vectors['key_ids']['bad']:
        refused('key_ids', lambda: public_key_of(text), text)
    for kind, encode, decode in (('base64', b64, unb64), ('base64url', b64url, unb64url)):
        for vector in vectors[kind]['good']:
            same(kind, encode(bytes.fromhex(vector['hex'])), vector['text'])
            same(kind, decode(vector['text']).hex(), vector['hex'])
        for text in vectors[kind]['bad']:
            refused(kind, lambda: decode(text), text)
    for kind, fits in (('timestamps', is_timestamp), ('guids', is_guid), ('names', is_name)):
        for expected, group in ((True, 'good'), (False, 'bad')):
            for text in vectors[kind][group]:
                same(f'{kind} ({text!r})' if fits(text) != expected else kind, fits(text), expected)
    channel = vectors['channel_id']
    same('channel_id', f'parley/channel/1\n{channel["creator"]}\n{channel["nonce"]}', channel['hashes'])
    same('channel_id', channel_id(channel['creator'], channel['nonce']), channel['channel_id'])
    one, other = (people[name].public_key for name in vectors['safety_number']['keys'])
    same('safety_number', safety_number(one, other), vectors['safety_number']['number'])
    same('safety_number', safety_number(other, one), vectors['safety_number']['number'])
    print(json.dumps(counts))


if __name__ == '__main__':
    main(sys.argv[1])
