"""The checks of the tree find what they are for: each is shown a fault of its kind."""

import check_layers
import check_links
import check_metrics
import check_migrations
import check_outside
import check_properties
import pytest


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for module in (check_layers, check_links, check_outside, check_metrics, check_migrations, check_properties):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(check_metrics, "GOLDEN", tmp_path / "golden.txt")

    def files(*suffixes):
        return [p for p in sorted(tmp_path.rglob("*")) if p.is_file() and (not suffixes or p.suffix in suffixes or p.name in suffixes)]
    for module in (check_links, check_outside, check_metrics, check_migrations, check_properties):
        monkeypatch.setattr(module, "files", files)

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return write


LAYER_FAULTS = [
    ("libs/base/a.h", '#include "libs/log/log.h"', "libs/base may not include libs/log"),
    ("libs/pg/a.h", '#include "libs/eventing/journal.h"', "libs/pg may not include libs/eventing"),
    ("libs/pg/a.h", "#include <hiredis/hiredis.h>", "belongs to redis"),
    ("services/leads/api/a.cpp", "#include <phonenumbers/phonenumberutil.h>", "belongs to contact"),
    ("libs/pg/a.h", '#include "services/sla/domain/clock.h"', "services meet only in proto/"),
    ("services/sla/api/a.cpp", '#include "services/complaints/domain/ticket.h"', "services meet only in proto/"),
    ("services/sla/api/a.cpp", '#include "libs/testing/pg_fixture.h"', "may not include libs/testing"),
    ("services/sla/domain/a.cpp", '#include "libs/pg/tx.h"', "a domain links base alone"),
    ("services/sla/domain/a.cpp", '#include "google/protobuf/message.h"', "a domain is pure"),
    ("services/sla/domain/a.cpp", '#include "libs/base/clock.h"', "gets its time as an argument"),
    ("services/sla/storage/a.cpp", '#include "services/sla/api/sla_api.h"', "storage may include the domain alone"),
    ("tools/stewardctl/a.cpp", '#include "libs/pg/tx.h"', "stewardctl may not include libs/pg"),
    ("libs/log/a.cpp", "#include <boost/any.hpp>", "no line for it"),
    ("libs/pg/CMakeLists.txt", "steward_library(steward_pg SOURCES a.cpp DEPS steward_rpc)", "may not link steward_rpc"),
    ("services/sla/CMakeLists.txt", "steward_library(sla_domain SOURCES a.cpp DEPS steward_base steward_pg)", "may not link steward_pg"),
    ("services/sla/CMakeLists.txt", "steward_library(sla_domain SOURCES a.cpp DEPS steward_base proto_sla)", "may not link protobuf"),
]


@pytest.mark.parametrize(("name", "text", "fault"), LAYER_FAULTS, ids=[fault for _, _, fault in LAYER_FAULTS])
def test_a_broken_layer_is_found(tree, capsys, name, text, fault):
    tree("libs/base/ok.h", '#include <string>\n#include "absl/status/status.h"\n')
    assert check_layers.main() == 0
    tree(name, text + "\n")
    assert check_layers.main() == 1
    assert fault in capsys.readouterr().out


@pytest.mark.parametrize("place", ["/ro" + "ot/x", "/ho" + "me/someone", "../sha" + "red/design", "see sha" + "red/design/style.md"])
def test_a_reference_outside_is_found(tree, place):
    tree("README.md", "all good, also https://example.org/ro" + "ot/x\n")
    assert check_outside.main() == 0
    tree("a.txt", f"look at {place}\n")
    assert check_outside.main() == 1


@pytest.mark.parametrize("link", ["[x](missing.md)", "[x](page.md#no-such-heading)", "[x](../../outside.md)"])
def test_a_dead_link_is_found(tree, link):
    tree("page.md", "# The heading\n\n[y](#the-heading) [z](https://example.org)\n")
    assert check_links.main() == 0
    tree("other.md", link + "\n")
    assert check_links.main() == 1


def test_metric_names_are_held_to_the_golden_file(tree):
    tree("golden.txt", "# comment\nsteward_a_total counter kind\n")
    tree("libs/x/a.cpp", 'GetCounter("steward_a_total", "Help.", {{"kind", "x"}});\n')
    assert check_metrics.main([]) == 0
    tree("libs/x/b.cpp", 'GetGauge("steward_b", "Help.");\n')
    assert check_metrics.main([]) == 1
    tree("libs/x/b.cpp", "\n")
    tree("libs/x/a.cpp", "\n")
    assert check_metrics.main([]) == 1


def test_contract_of_a_page():
    page = ("# HELP a_seconds Help.\n# TYPE a_seconds histogram\n"
            'a_seconds_bucket{m="x",le="1"} 1\na_seconds_sum{m="x"} 1\na_seconds_count{m="x"} 1\n# TYPE b gauge\nb 2\n')
    assert check_metrics.contract([page, "# TYPE b gauge\n" + 'b{k="v"} 1\n']) == ["a_seconds histogram m", "b gauge k"]


def test_a_label_that_the_golden_file_does_not_list_is_found(tree):
    tree("golden.txt", "steward_a_total counter kind,result\n")
    page = '# TYPE steward_a_total counter\nsteward_a_total{kind="x"} 1\n'
    assert check_metrics.unknown([page]) == []
    assert check_metrics.unknown([page, '# TYPE steward_a_total counter\nsteward_a_total{id="7"} 1\n'])
    assert check_metrics.unknown(["# TYPE steward_a_total gauge\nsteward_a_total 1\n"])


@pytest.mark.parametrize("call", ["rc::check([] {});", "const bool unused = rc::check([] {});"])
def test_a_property_that_cannot_fail_is_found(tree, call):
    tree("tests/unit/good_test.cpp", "EXPECT_TRUE(rc::check([] {}));\nASSERT_TRUE(\n    rc::check([] {}));\n")
    assert check_properties.main() == 0
    tree("tests/unit/bad_test.cpp", call + "\n")
    assert check_properties.main() == 1


LISTED = ('steward_embed(FILES "1|0001_create_journal|${CMAKE_SOURCE_DIR}/libs/eventing/schema.sql"\n'
          ' "4|0004_create_ticket|${CMAKE_CURRENT_SOURCE_DIR}/migrations/0004_create_ticket.sql")\n')


@pytest.mark.parametrize(("name", "text", "fault"), [
    ("services/sla/migrations/0005_add_owner.sql", "", "it would not run"),
    ("services/sla/migrations/5-owner.sql", "", "is not NNNN_verb_noun.sql"),
    ("services/sla/CMakeLists.txt", LISTED.replace('"4|', '"5|'), "stands under number 5"),
    ("services/sla/CMakeLists.txt", LISTED.replace("|0004_create_ticket|", "|0004_create_case|"), "0004_create_case is the file"),
    ("services/sla/CMakeLists.txt", LISTED.replace("schema.sql", "tables.sql"), "there is no libs/eventing/tables.sql"),
    ("services/sla/CMakeLists.txt", LISTED.replace("1|0001", "9|0009"), "do not rise: [9, 4]"),
])
def test_a_migration_that_would_not_run_as_named_is_found(tree, capsys, name, text, fault):
    tree("libs/eventing/schema.sql", "")
    tree("services/sla/migrations/0004_create_ticket.sql", "")
    tree("services/sla/CMakeLists.txt", LISTED)
    assert check_migrations.main() == 0
    tree(name, text)
    assert check_migrations.main() == 1
    assert fault in capsys.readouterr().out
