"""A lead from its capture to the score that leads shows: by events alone, explained by events of the topic, the same after all is said again."""

import sys
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clients import protos as p  # noqa: E402
from clients import topics  # noqa: E402
from clients.stacks import running  # noqa: E402
from clients.system import Refused, eventually, key  # noqa: E402

OWNER = "members/sales-rep-east-1"
MODEL = "scoringModels/first-contact"
pool, pool_types = p._load("steward.leads.v1.lead_pool_service_pb2"), p._load("steward.leads.v1.lead_pool_pb2")
touches, touches_types = p._load("steward.leads.v1.touches_service_pb2"), p._load("steward.leads.v1.touches_pb2")
scores, score_types = p.lead_scores, p.lead_scores_types


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with running(tmp_path_factory.mktemp("scores"), ["directory", "leads", "scoring"]) as operator:
        yield operator


def activate_model(system):
    """25 for a referral, 30 for each visit that reached somebody; nothing fades, so that no day that turns changes a score."""
    kind = score_types.ScoringModel
    system.call("scoring", "CreateScoringModelVersion", scores.CreateScoringModelVersionRequest(
        model=kind(name=MODEL, display_names={"en": "First contact", "zh-Hans": "首次接触"},
                   groups=[kind.Group(id="all", display_names={"en": "All", "zh-Hans": "全部"})],
                   features=[kind.FeatureRule(id="referred", group="all", feature="source", values=["referral"], points="25")],
                   events=[kind.EventRule(id="visited", group="all", event_kind="touch/effective/visit", points="30")],
                   bands=[kind.Band(id="hot", display_names={"en": "Hot", "zh-Hans": "热"}, least="50")]),
        request_id=key()))
    system.call("scoring", "ActivateScoringModel", scores.ActivateScoringModelRequest(name=MODEL, version=1, request_id=key()))


def visit(system, lead):
    return system.call("leads", "RecordTouch", touches.RecordTouchRequest(
        touch=touches_types.Touch(kind="visit", outcome="reached", effective=True, lead=lead, member=OWNER), request_id=key()))


def lead_of(system, name):
    return system.call("leads", "GetLead", pool.GetLeadRequest(name=name))


def said_of(system, key):
    """Events of one aggregate of scoring by version, each once: at least once is what the wire promises."""
    records = topics.read(system.stack.kafka.bootstrap, "steward.scoring.v1")
    return {r.version: (r.event_id, r.type, r.value) for r in records if r.key == key}


def seen(system, lead):
    explanation = system.call("scoring", "ExplainLeadScore", scores.ExplainLeadScoreRequest(lead=lead))
    explanation.score.ClearField("as_of_time")
    return lead_of(system, lead).score, explanation, said_of(system, lead.replace("leads/", "leadScores/"))


@pytest.fixture(scope="module")
def lead(system):
    activate_model(system)
    name = system.call("leads", "CreateLead", pool.CreateLeadRequest(
        lead=pool_types.Lead(channel="web", external_id=key(), source="referral"), owner=OWNER, request_id=key())).lead.name
    visit(system, name)
    eventually("the score in leads", 30, lambda: lead_of(system, name).score.score == "55")
    return name


def test_a_score_comes_back_to_leads_and_names_its_events(system, lead):
    score, explanation, said = seen(system, lead)
    assert (score.band, score.model, score.model_version) == ("hot", MODEL, 1)
    assert list(said) == list(range(1, len(said) + 1))
    last = p.scoring_events.ScoringEvent.FromString(said[len(said)][2]).lead_scored
    assert (last.lead, last.score, last.band, said[len(said)][1]) == (lead, "55", "hot", "lead.scored")

    assert explanation.stored_is_current and explanation.stored.model_active
    assert sum(Decimal(line.points) for line in explanation.contributions) == Decimal(explanation.score.score) == 55
    named = {line.event_id for line in explanation.contributions if line.event_id}
    records = topics.read(system.stack.kafka.bootstrap, "steward.leads.v1")
    assert named == {r.event_id for r in records if r.type == "touch.recorded" and r.event.lead == lead} and len(named) == 1


def test_a_kill_and_every_event_again_change_nothing(system, lead):
    before = seen(system, lead)
    system.stack.kill9("scoring")
    system.stack.postgres.psql("UPDATE consumer_offset SET next_offset = 0", "scoring")
    system.stack.restart("scoring")
    system.stack.wait_quiet()
    again = system.call("scoring", "RecomputeLeadScores", scores.RecomputeLeadScoresRequest(leads=[lead], request_id=key()))
    assert (again.scored, again.changed) == (1, 0)
    system.stack.wait_quiet()
    assert seen(system, lead) == before


def test_without_a_model_the_score_stays_as_it_was(system, lead):
    system.call("scoring", "DeactivateScoringModel", scores.DeactivateScoringModelRequest(name=MODEL, request_id=key()))
    visit(system, lead)
    system.stack.wait_quiet()
    stored = system.call("scoring", "GetLeadScore", scores.GetLeadScoreRequest(lead=lead))
    assert (stored.score, stored.model, stored.model_active) == ("55", MODEL, False)
    assert lead_of(system, lead).score.score == "55"
    assert [kind for _, kind, _ in said_of(system, MODEL).values()] == ["model.version_created", "model.activated", "model.deactivated"]
    with pytest.raises(Refused) as unexplained:
        system.call("scoring", "ExplainLeadScore", scores.ExplainLeadScoreRequest(lead=lead))
    assert unexplained.value.reason == "NO_ACTIVE_MODEL"
    # Once there is one again, the visit counts that came meanwhile.
    system.call("scoring", "ActivateScoringModel", scores.ActivateScoringModelRequest(name=MODEL, version=1, request_id=key()))
    eventually("both visits in leads", 30, lambda: lead_of(system, lead).score.score == "85")
