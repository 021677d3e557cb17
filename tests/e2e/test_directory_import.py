"""The directory brought in from CSV files by `stewardctl directory import`, read back through the API."""

import subprocess

import pytest
from clients import protos as p
from clients.system import ROOT, Refused

FILES = [ROOT / "deploy/demo/directory" / f"{kind}.csv" for kind in ("roles", "teams", "members", "assignments", "leaves")]


def directory_import(system, *arguments):
    return subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "directory", "import", *arguments],
                          capture_output=True, text=True, timeout=60)


def member(system, name):
    return system.call("directory", "GetMember", p.directory.GetMemberRequest(name=name))


def test_the_shipped_files_come_in_once(system):
    checked = directory_import(system, *FILES, "--validate-only")
    assert (checked.returncode, checked.stdout) == (0, "valid: 6 created, 0 updated, 0 unchanged\n"), checked.stderr
    with pytest.raises(Refused):
        member(system, "members/quality-east-2")  # only checked
    done = directory_import(system, *FILES)
    assert (done.returncode, done.stdout) == (0, "6 created, 0 updated, 0 unchanged\n"), done.stderr
    assert directory_import(system, *FILES).stdout == "0 created, 0 updated, 6 unchanged\n"

    bench = member(system, "members/quality-east-2")
    assert (bench.display_name, bench.display_name_zh) == ('Quality Engineer East 2, "trial bench"', "东区质量二号（试验台）")
    assert [each.role for each in bench.roles] == ["roles/quality-engineer"]
    assert bench.roles[0].period.start_time.ToJsonString() == "2025-12-31T16:00:00Z"
    assert [each.member for each in bench.superiors] == ["members/quality-lead-east"]
    assert len(member(system, "members/quality-east-1").leaves) == 1
    lead = member(system, "members/quality-lead-east")
    assert [(each.team, each.lead) for each in lead.teams] == [("teams/quality-east", True)]


def test_what_a_file_does_not_say_stays(system, tmp_path):
    directory_import(system, *FILES)
    before = member(system, "members/quality-east-1")
    file = tmp_path / "mail.csv"
    file.write_bytes("\ufeffmember,email\r\nquality-east-1,east-1@example.test\r\n".encode())
    done = directory_import(system, file)
    assert (done.returncode, done.stdout) == (0, "0 created, 1 updated, 0 unchanged\n"), done.stderr
    after = member(system, "members/quality-east-1")
    assert after.email == "east-1@example.test"
    assert (after.display_name_zh, list(after.roles), list(after.leaves)) == \
        (before.display_name_zh, list(before.roles), list(before.leaves))


def test_one_bad_row_and_nothing_comes_in(system, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("member,name,kind\nnewcomer-1,Newcomer,person\nnewcomer-2,Newcomer,machine\nnewcomer-3\n")
    refused = directory_import(system, file)
    assert refused.returncode == 2 and refused.stdout == ""
    assert "people.csv line 3 column kind: `machine` is neither person nor system" in refused.stderr
    assert "people.csv line 4: has 1 cells, the header has 3" in refused.stderr
    with pytest.raises(Refused):
        member(system, "members/newcomer-1")


def test_what_only_the_service_sees_is_told_by_line(system, tmp_path):
    people, posts = tmp_path / "people.csv", tmp_path / "posts.csv"
    people.write_text("member,name\nnewcomer-4,Newcomer\nNew Comer,Newcomer\n")
    refused = directory_import(system, people)
    assert refused.returncode == 2 and "people.csv line 3 (members[1].name)" in refused.stderr, refused.stderr
    people.write_text("member,name\nnewcomer-4,Newcomer\n")
    posts.write_text("member,role\nnewcomer-4,customer-service-specialist\nnewcomer-4,no-such-role\n")
    refused = directory_import(system, people, posts)
    assert refused.returncode == 2 and "posts.csv line 3 (members[0].roles[1].role)" in refused.stderr, refused.stderr
    with pytest.raises(Refused):
        member(system, "members/newcomer-4")
