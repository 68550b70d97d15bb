"""A member of one public channel. Usage: member.py ADDRESS NAME CHANNEL TEXT

Joins the channel of that name as soon as it is announced, says TEXT once another member is known, acknowledges and receipts
what comes, fetches what it missed, and tells what happens in lines of JSON. Ends when its standard input ends.
"""
import os
import select
import sys

from formats import Refused, b64, channel_id, parse_json, unb64, unb64url
from identity import Identity, check_auth, read_message
from link import Link, new_guid, report, timestamp


class Member:
    def __init__(self, link, certificate, channel, text):
        self.link = link
        self.identity = link.identity
        self.certificate = certificate
        self.channel = channel
        self.text = text
        self.channel_id = None
        self.members = set()
        self.seen_floods = set()
        self.shown = {}
        self.reachable = set()
        self.sent = None

    def directed(self, verb, to, **fields):
        data = {'msg_id': new_guid(), 'node_id': self.identity.node_id, 'recipient_id': to, **fields}
        message = {'msg_type': verb, 'msg_data': data, 'ttl': 32, 'flood': False}
        self.link.send(self.identity.auth(message, timestamp()))

    def join(self):
        data = {'msg_id': new_guid(), 'node_id': self.identity.node_id, 'channel': self.channel, 'channel_id': self.channel_id}
        message = {'msg_type': 'JOIN', 'msg_data': data, 'ttl': 32, 'flood': True}
        self.link.send(self.identity.auth(message, timestamp()))
        report('joined', channel_id=self.channel_id)

    def speak(self):
        msg_id, when = new_guid(), timestamp()
        fields = {'msg_id': msg_id, 'node_id': self.identity.node_id, 'channel_id': self.channel_id, 'timestamp': when}
        jws = self.identity.jws({**fields, 'text': self.text, 'attachments': [], 'seq': 1})
        recipients = [{'node_id': member} for member in sorted(self.members)]
        data = {**fields, 'channel': self.channel, 'recipient': recipients, 'message': b64(jws.encode())}
        self.link.send({'msg_type': 'MESSAGE', 'msg_data': data, 'ttl': 32, 'flood': False})
        self.sent = msg_id
        report('sent', msg_id=msg_id)

    def acknowledge(self, message, origin):
        ack = {'node_id': self.identity.node_id, 'msg_id': message['msg_data']['msg_id'], 'origin_id': origin}
        if message['msg_type'] == 'MESSAGE':
            ack['recipient'] = [{'node_id': self.identity.node_id}]
        self.link.say('ACK', ack)

    def handle(self, message):
        verb, data = message['msg_type'], message['msg_data']
        handler = getattr(self, f'on_{verb.lower()}', None)
        if handler is None:
            report('ignored', verb=verb)
            return
        if 'auth' in message:
            check_auth(message)
        if message['flood']:
            key = (message['auth']['key'], verb, data['msg_id'])
            if key in self.seen_floods:
                return
            self.seen_floods.add(key)
        handler(message, data)

    def on_routing(self, message, data):
        if data['node_id'] != self.link.peer:
            raise Refused('ROUTING of somebody else')
        if data.get('full'):
            self.reachable = {self.link.peer}
        for entry in data['nodes']:
            (self.reachable.discard if entry['ttl'] >= 32 else self.reachable.add)(entry['node_id'])
        report('routing', full=data.get('full', False), nodes=sorted(self.reachable))

    def on_channel(self, message, data):
        if data.get('closed') or data['channel'] != self.channel:
            return
        if 'creator' in data and 'nonce' in data and channel_id(data['creator'], data['nonce']) != data['channel_id']:
            raise Refused('the id of the channel is not its creator\'s')
        report('channel', channel_id=data['channel_id'], creator=data.get('creator'))
        first = self.channel_id is None
        self.channel_id = data['channel_id']
        self.know({data['node_id'], *(entry['node_id'] for entry in data['members'])})
        if first:
            self.join()

    def on_join(self, message, data):
        if data['channel_id'] == self.channel_id:
            self.know({data['node_id']})

    def on_leave(self, message, data):
        if data['channel_id'] == self.channel_id:
            self.members.discard(data['node_id'])

    def know(self, nodes):
        self.members |= nodes - {self.identity.node_id}

    def show(self, payload, how):
        place = (payload['node_id'], payload['seq'])
        if place in self.shown:
            return False
        self.shown[place] = payload
        report('message', text=payload['text'], node_id=payload['node_id'], seq=payload['seq'], how=how)
        return True

    def on_message(self, message, data):
        payload = read_message(data)
        self.show(payload, 'sent')
        self.acknowledge(message, data['node_id'])
        me = [{'node_id': self.identity.node_id}]
        self.directed('RECEIPT', data['node_id'], msg_id=data['msg_id'], recipient=me, state='delivered')

    def on_ack(self, message, data):
        if data['msg_id'] == self.sent:
            report('acked', by=data['node_id'], origin_id=data['origin_id'], recipient=data['recipient'])

    def on_nack(self, message, data):
        report('nack', msg_id=data['msg_id'], reason=data.get('reason'))

    def on_receipt(self, message, data):
        if self.sent in (data['msg_id'], *data.get('also', [])):
            report('receipt', state=data['state'], by=data['node_id'])

    def on_have(self, message, data):
        want = []
        for entry in data['have']:
            sender = entry['node_id']
            # Gaps are wanted too, not only what is new.
            missing = [seq for seq in range(max(1, entry['seq'] - 199), entry['seq'] + 1) if (sender, seq) not in self.shown]
            if missing and sender != self.identity.node_id:
                want.append({'node_id': sender, 'from': missing[0], 'to': missing[-1]})
        if want:
            self.directed('WANT', data['node_id'], channel_id=self.channel_id, want=want)

    def on_history(self, message, data):
        for signed in data['messages']:
            # There are no fields around it: those inside stand for themselves.
            payload = read_message(_around(signed))
            if payload['channel_id'] == self.channel_id:
                self.show(payload, 'history')

    def on_getcertificate(self, message, data):
        self.acknowledge(message, data['node_id'])
        self.directed('CERTIFICATE', data['node_id'], msg_id=data['msg_id'], certificate=b64(self.certificate))
        report('certificate', to=data['node_id'])


def _around(signed):
    payload = parse_json(unb64url(unb64(signed).decode('ascii').split('.')[1]))
    return {**payload, 'message': signed}


def main(address, name, channel, text):
    identity = Identity(name, os.urandom(32), os.urandom(32))
    serial = bytes((0x40 | os.urandom(1)[0] & 0x3F,)) + os.urandom(15)
    certificate = identity.certificate(serial, timestamp(), '9999-12-31T23:59:59')
    link = Link(identity, certificate, address)
    report('open', node_id=identity.node_id, peer=link.peer, tls=link.tls, alpn=link.alpn, attributes=link.peer_attributes)
    member = Member(link, certificate, channel, text)
    while True:
        message = link.receive(0.2)
        if message is not None:
            member.handle(message)
        if member.sent is None and member.members:
            member.speak()
        if select.select([sys.stdin], [], [], 0)[0] and not sys.stdin.readline():
            break
    link.close()
    report('closed')


if __name__ == '__main__':
    main(*sys.argv[1:])
