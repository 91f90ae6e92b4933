"""python-telegram-bot with SQLAlchemy, idle: what `bln-bot run` is held against. Arguments: token, base_url."""

import sys

from sqlalchemy import create_engine
from telegram.ext import Application

engine = create_engine("sqlite://")
app = Application.builder().token(sys.argv[1]).base_url(sys.argv[2]).build()
app.run_polling()
