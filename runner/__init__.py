"""The runner: the embedded cluster, deploys, and what a DBA asks of them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Held exclusively by a deploy, shared by each slice of a running job (which steps aside when it can't have it):
# pg_try_advisory_xact_lock_shared(7919001).
DEPLOY_LOCK = 7919001

MINIMUM_SERVER_VERSION = 150000
