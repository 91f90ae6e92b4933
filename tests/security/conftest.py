"""The stories' living bot, and what an attacker would look for afterwards."""

from tests.stories.conftest import bln as bln
from tests.stories.conftest import telegram as telegram
