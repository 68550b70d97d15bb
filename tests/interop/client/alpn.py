"""Opens a link with an ALPN of choice. Usage: alpn.py ADDRESS [PROTOCOL ...]. Prints what was agreed on, or why there is no link."""
import os
import ssl
import sys

from identity import Identity
from link import Link, report, timestamp


def main(address, *protocols):
    identity = Identity('alpn', os.urandom(32), os.urandom(32))
    certificate = identity.certificate(b'\x01', timestamp(), '9999-12-31T23:59:59')
    try:
        link = Link(identity, certificate, address, protocols)
    except (ssl.SSLError, OSError, EOFError) as error:
        report('refused', error=str(error))
        return
    report('open', alpn=link.alpn)
    link.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
