"""What a step runs where nothing but Python is there: `python -I -m bot.entrypoints.action`."""

import sys

from bot.entrypoints.action.run import main

sys.exit(main())
