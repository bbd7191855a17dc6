#!/bin/sh
# Make the secrets of compose.yml, each once: a second run changes nothing. Usage: deploy/prepare.sh
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

drawn() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# Nobody else enters the folder; inside it the parts, which are nobody on this machine, must be able to read.
keep() {
  if [ ! -e "secrets/$1" ]; then
    printf '%s' "$2" >"secrets/$1"
    echo "made secrets/$1"
  fi
  chmod 444 "secrets/$1"
}

keep postgres_password "$(drawn)"
keep database_url "postgresql://vigie:$(cat secrets/postgres_password)@database/vigie"
keep grafana_password "$(drawn)"
# An API token with the scope read, made on the page of your account once Vigie runs.
keep metrics_token ""
# Where mail is handed over, smtps://user:secret@host:465; empty: no mail is sent.
keep smtp_url ""
# A key of CoinGecko, which is optional.
keep coingecko_key ""
# Keys of demo trading at venues, for the trader alone; empty on paper.
for name in binance_key binance_secret bitget_key bitget_secret bitget_passphrase hyperliquid_key hyperliquid_secret; do
  keep "$name" ""
done
echo "next: docs/small-server.md"
