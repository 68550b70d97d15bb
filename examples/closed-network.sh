#!/bin/sh
# A network that admits only nodes whose certificate its authority issued:  examples/closed-network.sh [FOLDER]
set -eu

parley=$(dirname "$(readlink -f "$0")")/../parley
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"

# The authority. Its folder belongs where no node runs; authority.pem is for everybody.
"$parley" ca create authority --name 'The garden'

# Each node makes its identity and exports its certificate; the authority issues another one for it; the node installs that.
for name in hub ann; do
  "$parley" id --data "$name" --create --name "$name" --export-certificate "$name.pem"
  "$parley" ca issue authority --in "$name.pem" --out "$name-issued.pem"
  "$parley" id --data "$name" --install-certificate "$name-issued.pem"
done

pids=
trap 'kill $pids; wait' EXIT

"$parley" server --data hub --trust-ca authority/authority.pem --tls 127.0.0.1:0 --http 127.0.0.1:0 --json >hub.json &
pids="$pids $!"
until grep -q '"ready"' hub.json; do sleep 0.1; done
hub=$(sed 's/.*"tls":"\([^"]*\)".*/\1/' hub.json)

"$parley" node --data ann --trust-ca authority/authority.pem --connect "$hub" --lan off --json >ann.json &
pids="$pids $!"
# A stranger made its own certificate.
"$parley" node --data stranger --name stranger --connect "$hub" --lan off --log-level error --json >stranger.json &
pids="$pids $!"

until "$parley" status --data ann 2>/dev/null | grep -q 'hub#'; do sleep 0.1; done
echo 'ann is in:'
"$parley" status --data ann | tail -n 1
echo 'the stranger is not:'
until "$parley" status --data stranger 2>/dev/null | grep 'no links'; do sleep 0.1; done
