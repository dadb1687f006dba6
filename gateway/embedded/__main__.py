"""`python -m gateway.embedded PLAN`: the keeper. Started by `launch`, not by hand."""

import sys

from gateway.embedded.keeper import main

sys.exit(main(sys.argv[1:]))
