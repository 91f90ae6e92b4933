#!/bin/sh
# The bln-bot command as the service's user and with the service's settings: put it into /usr/local/bin/bln-bot.
cd /var/lib/bln-bot || exit 1
exec runuser -u bln-bot -- env BLN_BOT_CONFIG=/etc/bln-bot/config.toml /opt/bln-bot/.venv/bin/bln-bot "$@"
