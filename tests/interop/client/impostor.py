"""Says HELLO with a node id that is not its own. Usage: impostor.py ADDRESS NODE_ID. Prints what the other side has to say to that."""
import os
import sys

from identity import Identity
from link import Link, report, timestamp


def main(address, claim):
    identity = Identity('impostor', os.urandom(32), os.urandom(32))
    certificate = identity.certificate(b'\x01', timestamp(), '9999-12-31T23:59:59')
    # The other side's own HELLO may come first: it does not wait for ours.
    try:
        link = Link(identity, certificate, address, claim=claim)
        message = link.receive(10)
    except EOFError as end:
        report('refused', reason=str(end))
        return
    report('taken', message=message)


if __name__ == '__main__':
    main(*sys.argv[1:])
