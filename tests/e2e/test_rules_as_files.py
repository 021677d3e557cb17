"""`sla packs apply` and `sla calendar apply` make stored rules what the files say, version by version."""

import json
import subprocess

import pytest
import yaml
from clients.system import ROOT

# A policy for customers of a tier that nobody has: no ticket of another test gets a clock by it.
POLICY = {"name": "policies/as-files", "display_names": {"en": "as files"}, "pack": "as-files", "metric": "as_files",
          "match": {"kinds": ["complaint"], "customer_tiers": ["nobody:yes"]}, "start_event": "ticket.registered",
          "stop_event": "ticket.closed", "target": {"wall_clock": "60s"}, "fallback_role": "roles/sales-manager", "binding": "PROMISED"}


def stewardctl(system, *words):
    done = subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "--output", "json", *words],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def pack(system, tmp_path):
    """What becomes of the policy with these changes, and which version is in force afterwards."""
    file = tmp_path / "pack.yaml"

    def go(verb, *options, **changes):
        file.write_text(yaml.safe_dump({"pack": "as-files", "display_names": {"en": "as files"}, "policies": [POLICY | changes]}))
        [row] = stewardctl(system, "sla", "packs", verb, file, *options)
        assert row["policy"] == POLICY["name"]
        return row["outcome"]
    return go


def test_a_policy_by_its_file(system, pack):
    def stored():
        found = stewardctl(system, "sla", "policy", "get", POLICY["name"])
        return found["version"], found.get("active", False)

    assert pack("check") == "valid (created, not active)"
    assert pack("apply") == "created, not active" and stored() == (1, False)
    assert pack("apply") == "unchanged" and stored() == (1, False)
    assert pack("apply", notes="second") == "version 2" and stored() == (2, False)
    assert pack("apply", "--activate", notes="second") == "unchanged, now active for what begins from now on" and stored() == (2, True)
    assert pack("check", notes="third") == "valid (version 3)" and stored() == (2, True)
    assert pack("apply", notes="third") == "version 3, now active for what begins from now on" and stored() == (3, True)
    assert pack("apply", notes="third") == "unchanged"


def test_a_calendar_by_its_file(system, tmp_path):
    calendar = json.loads((ROOT / "services/sla/calendars/cn-mainland.json").read_text()) | {"name": "calendars/as-files"}
    file = tmp_path / "calendar.json"

    def apply():
        file.write_text(json.dumps(calendar))
        [row] = stewardctl(system, "sla", "calendar", "apply", file)
        return row["outcome"]

    assert apply() == "created, active"
    assert apply() == "unchanged"
    calendar["displayNames"] = {"en": "renamed"}
    assert apply() == "version 2, now active for what begins from now on"
    found = stewardctl(system, "sla", "calendar", "get", "as-files")
    assert (found["version"], found["active"], found["display_names"]) == (2, True, {"en": "renamed"})


@pytest.mark.parametrize("file", sorted((ROOT / "services" / "sla" / "packs").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_pack_is_accepted(system, file):
    wanted = [policy["name"] for policy in yaml.safe_load(file.read_text())["policies"]]
    assert [row["policy"] for row in stewardctl(system, "sla", "packs", "check", file)] == wanted
