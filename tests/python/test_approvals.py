"""Nobody but who may approves a metric, nobody approves their own, and nothing that nobody approved is ever calculated."""

import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

GATES = ("owner", "methodology", "data_source", "business_alignment")
NOW = datetime(2025, 1, 20, 12, tzinfo=UTC)


class Town:
    """An organization whose people write and approve through an application that may name any of them."""

    def __init__(self, engine, database):
        self.engine, self.database = engine, database
        engine.execute("select yardstick_api.set_approval_gates(null, %s, 'as delivered')", [list(GATES)])
        self.acme = engine.organization("acme", timezone="Europe/Berlin")
        self.other = engine.organization("other", timezone="Europe/Berlin")
        self.people = {}
        for role, gates in {"all": GATES, "method": ("methodology", "data_source"), "business": ("owner", "business_alignment")}.items():
            engine.door("sync_role", {"external_id": role, "role_name": role, "may_approve": gates}, self.acme)
        for name, roles in {"ann": [], "bob": ["all"], "cleo": ["method"], "dan": ["business"], "eve": ["all"]}.items():
            self.people[name] = engine.door("sync_user", {"external_id": name, "user_name": name, "roles": roles}, self.acme)
        self.login = "town_app_" + database.name[-8:]
        engine.execute(f"create role {self.login} login in role yardstick_app")
        engine.execute("select yardstick_api.bind_login(%s, null, 'trusted')", [self.login])
        self.application = database.connect(self.login)

    def close(self):
        self.application.close()
        self.engine.execute("select yardstick_api.unbind_login(%s)", [self.login])
        self.engine.execute(f"drop role {self.login}")

    def act(self, person, statement, *values, organization=None):
        with self.application.transaction():
            self.application.execute(
                "select yardstick_api.use_organization(%s, %s)", [organization or self.acme, self.people.get(person)]
            )
            return self.application.execute(statement, values).fetchone()[0]

    def define(self, person, name, formula=None, **keys):
        return self.act(person, "select yardstick_api.define_metric(%s)", json.dumps({
            "metric_name": name, "display_name": name, "calculation_method": "aggregation", "time_windows": ["daily"],
            "refresh_frequency": "real_time",
            "data_sources": {"source": "analytics_metrics", "key": "units", "measures": {"n": {"agg": "sum"}}},
            **({"calculation_formula": formula} if formula else {}), **keys,
        }))  # fmt: skip

    def submit(self, person, name):
        return self.act(person, "select yardstick_api.submit_metric(%s)", name)

    def approve(self, person, name, gate):
        return self.act(person, "select yardstick_api.approve_metric(%s, %s)", name, gate)

    def approve_all(self, name, person="bob"):
        for gate in GATES:
            missing = self.approve(person, name, gate)
        return missing

    def reject(self, person, name, reason="no"):
        return self.act(person, "select yardstick_api.reject_metric(%s, %s)", name, reason)

    def values(self, name):
        self.engine.calculate(NOW)
        return {day: (row["value"], row["version"]) for key, row in self.engine.stored().items() if key[1] == name for day in [key[5]]}

    def status(self, name):
        return self.engine.execute(
            "select v.version, v.status from yardstick.metric_definition_versions as v inner join yardstick.metric_definitions as d"
            " on d.id = v.metric_id where d.metric_name = %s order by v.version", [name]
        ).fetchall()  # fmt: skip

    def refused(self, code, words, call, *arguments):
        with pytest.raises(psycopg.Error) as refusal:
            call(*arguments)
        assert (refusal.value.sqlstate, words in str(refusal.value)) == (code, True), str(refusal.value)


@pytest.fixture
def town(engine, database):
    made = Town(engine, database)
    engine.observe(made.acme, "units", "2025-01-03T11:00:00Z", 4)
    yield made
    made.close()


DAY = date(2025, 1, 3)


def test_a_metric_serves_when_its_four_gates_are_given_by_others(town):
    town.define("ann", "output")
    assert town.values("output") == {}
    town.refused("YS005", "it is draft; only what is in review can be approved", town.approve, "bob", "output", "owner")
    assert town.submit("ann", "output") == 1
    assert town.submit("ann", "output") == 1
    assert town.approve("cleo", "output", "methodology") == ["owner", "data_source", "business_alignment"]
    assert town.approve("cleo", "output", "methodology") == ["owner", "data_source", "business_alignment"]
    assert town.approve("dan", "output", "owner") == ["data_source", "business_alignment"]
    assert town.approve("cleo", "output", "data_source") == ["business_alignment"]
    assert town.values("output") == {}
    assert town.approve("dan", "output", "business_alignment") == []
    assert town.status("output") == [(1, "approved")]
    assert town.values("output") == {DAY: (4, 1)}
    given = town.engine.execute(
        "select gate, approved_by, approved_login, content_hash from yardstick.metric_approvals order by approved_at"
    ).fetchall()
    assert [(gate, person, login) for gate, person, login, _ in given] == [
        ("methodology", town.people["cleo"], town.login), ("owner", town.people["dan"], town.login),
        ("data_source", town.people["cleo"], town.login), ("business_alignment", town.people["dan"], town.login),
    ]  # fmt: skip
    assert {row[3] for row in given} == {town.engine.one("select content_hash from yardstick.metric_definition_versions")}


def test_who_must_not_approve_is_refused(town):
    town.define("bob", "output")
    town.submit("bob", "output")
    refuse = town.refused
    refuse("YS005", "its author cannot approve it", town.approve, "bob", "output", "owner")
    refuse("YS005", "no role of this person may give the gate owner", town.approve, "cleo", "output", "owner")
    refuse("YS005", "no role of this person may give the gate methodology", town.approve, "ann", "output", "methodology")
    refuse("YS005", "nobody is named", town.approve, None, "output", "owner")
    refuse("YS001", "gate: must be one of", town.approve, "eve", "output", "quality")
    refuse("YS005", "takes a person whose role may approve", town.reject, "ann", "output")
    refuse("YS001", "reason: is required", town.reject, "cleo", "output", " ")
    # Of another organization it does not exist, and its people do not either.
    refuse("YS003", "there is no metric named 'output'", lambda: town.act(
        None, "select yardstick_api.approve_metric('output', 'owner')", organization=town.other))  # fmt: skip
    refuse("YS003", "unknown or inactive user", lambda: town.act("eve", "select 1", organization=town.other))
    # A person who left approves nothing, and neither does a role that was taken away.
    town.engine.door("sync_user", {"external_id": "eve", "is_active": False}, town.acme)
    with pytest.raises(psycopg.Error) as refusal:
        town.approve("eve", "output", "owner")
    assert refusal.value.sqlstate in ("YS003", "YS005")
    town.engine.door("sync_role", {"role_name": "method", "id": str(town.engine.one(
        "select id from yardstick.roles where role_name = 'method'")), "is_active": False}, town.acme)  # fmt: skip
    refuse("YS005", "no role of this person", town.approve, "cleo", "output", "methodology")
    assert town.engine.one("select count(*) from yardstick.metric_approvals") == 0


def test_a_change_is_a_draft_beside_what_serves(town):
    town.define("ann", "output")
    town.submit("ann", "output")
    town.approve_all("output")
    assert town.values("output") == {DAY: (4, 1)}
    town.define("ann", "output", "10 * n")
    assert town.values("output") == {DAY: (4, 1)}
    town.submit("ann", "output")
    town.approve("bob", "output", "owner")
    # Another edit begins anew: approvals are of the content they were given for.
    town.define("ann", "output", "100 * n")
    assert town.status("output") == [(1, "approved"), (2, "superseded"), (3, "draft")]
    town.submit("ann", "output")
    for gate in GATES[1:]:
        town.approve("bob", "output", gate)
    assert town.values("output") == {DAY: (4, 1)}
    town.approve("bob", "output", "owner")
    assert town.values("output") == {DAY: (400, 3)}
    assert town.status("output") == [(1, "superseded"), (2, "superseded"), (3, "approved")]
    # The same again changes nothing, neither what serves nor what waits.
    town.define("ann", "output", "100 * n")
    town.define("eve", "output", "7 * n")
    town.define("ann", "output", "7 * n")
    assert [row[0] for row in town.status("output")] == [1, 2, 3, 4]


def test_a_rejection_says_why_and_the_next_draft_may_pass(town):
    town.define("ann", "output", "n / 2")
    town.submit("ann", "output")
    town.approve("bob", "output", "owner")
    assert town.reject("cleo", "output", "half of what?") == 1
    assert town.status("output") == [(1, "rejected")]
    town.refused("YS007", "is rejected; change it", town.submit, "ann", "output")
    town.refused("YS005", "it is rejected", town.approve, "bob", "output", "methodology")
    town.define("ann", "output", "n / 4")
    town.submit("ann", "output")
    assert town.approve_all("output", "eve") == []
    assert town.values("output") == {DAY: (1, 2)}
    assert town.engine.execute(
        "select decision_note, decided_by from yardstick.metric_definition_versions where version = 1"
    ).fetchone() == ("half of what?", town.people["cleo"])


def test_methodology_and_data_source_need_a_validation_that_passes(town):
    town.engine.execute("create schema host; create table host.rows (at timestamptz, org text, amount numeric)")
    town.engine.execute("grant usage on schema host to yardstick_reader; grant select on host.rows to yardstick_reader")
    town.engine.door("register_source", {
        "name": "rows", "relation": "host.rows", "time_column": "at", "organization_column": "org", "value_column": "amount"})  # fmt: skip
    town.define("ann", "amount", data_sources={"source": "rows", "measures": {"n": {"agg": "sum"}}})
    town.submit("ann", "amount")
    town.engine.execute("alter table host.rows rename amount to sum_of_money")
    town.approve("bob", "amount", "owner")
    for gate in ("methodology", "data_source"):
        town.refused("YS007", f"cannot get the gate {gate}: its validation does not pass", town.approve, "bob", "amount", gate)
    town.engine.execute("alter table host.rows rename sum_of_money to amount")
    town.approve("bob", "amount", "methodology")
    town.approve("bob", "amount", "data_source")
    assert town.approve("bob", "amount", "business_alignment") == []


def test_a_metric_of_metrics_waits_for_its_parts(town):
    town.define("ann", "output")
    town.define("ann", "twice", "2 * o", data_sources={"metrics": {"o": "output"}})
    town.submit("ann", "output")
    town.submit("ann", "twice")
    for gate in GATES[:3]:
        town.approve("bob", "twice", gate)
    town.refused("YS007", "twice is made of output, which is not approved yet", town.approve, "bob", "twice", GATES[3])
    # All at once, the parts come first, and the hash says that nothing changed meanwhile.
    names = ["twice", "output"]
    seen = town.act("bob", "select yardstick_api.change_set(%s)", names)
    town.define("ann", "output", "3 * n")
    town.submit("ann", "output")
    approve = "select yardstick_api.approve_change_set(%s, %s, %s)"
    town.refused("YS007", "have changed since", town.act, "bob", approve, names, seen, "owner")
    seen = town.act("bob", "select yardstick_api.change_set(%s)", names)
    for gate in GATES:
        served = town.act("bob", approve, names, seen, gate)
    assert served == 2
    assert town.values("twice") == {DAY: (24, 1)}
    town.refused("YS007", "the metric output is part of twice", town.act, "bob",
                 "select yardstick_api.retire_metric('output', 'done')")  # fmt: skip


def test_a_retired_metric_keeps_its_values_and_comes_back_by_approval(town):
    town.define("ann", "output")
    town.submit("ann", "output")
    town.approve_all("output")
    assert town.values("output") == {DAY: (4, 1)}
    town.refused("YS005", "takes a person", town.act, "ann", "select yardstick_api.retire_metric('output', 'done')")
    town.act("dan", "select yardstick_api.retire_metric('output', 'replaced')")
    town.engine.observe(town.acme, "units", "2025-01-03T11:30:00Z", 5)
    assert town.values("output") == {DAY: (4, 1)}
    assert town.status("output") == [(1, "retired")]
    town.define("ann", "output")
    assert town.values("output") == {DAY: (4, 1)}
    town.submit("ann", "output")
    town.approve_all("output")
    assert town.values("output") == {DAY: (9, 2)}


def test_metrics_of_the_platform_are_approved_by_another_dba(town):
    engine, login = town.engine, f"second_{town.login}"
    engine.execute(f"create role {login} login in role yardstick_dba")
    engine.metric("everywhere", key="units")
    engine.execute("select yardstick_api.submit_metric('everywhere')")
    town.refused("YS005", "its author cannot approve it", engine.execute, "select yardstick_api.approve_metric('everywhere', 'owner')")
    town.refused("YS003", "metrics of the platform are reviewed by DBAs", town.approve, "bob", "everywhere", "owner")
    with town.database.connect(login) as second:
        for gate in GATES:
            second.execute("select yardstick_api.approve_metric('everywhere', %s)", [gate])
        town.refused("YS005", "only a superuser", second.execute, "select yardstick_api.set_approval_gates(null, '{}', 'quicker')")
    engine.execute(f"drop role {login}")
    assert town.values("everywhere") == {DAY: (4, 1)}


def test_the_impact_of_a_draft_is_what_is_calculated_after_it(town):
    engine = town.engine
    today = datetime.now(UTC).date()
    months = [date(today.year - (today.month <= back), (today.month - back - 1) % 12 + 1, 3) for back in range(12, 0, -1)]
    for number, day in enumerate(months):
        if number != 5:
            engine.observe(town.acme, "units", f"{day}T11:00:00Z", 7 * number)
            engine.observe(town.acme, "units", f"{day}T12:00:00Z", number)
    keys = {"time_windows": ["monthly", "quarterly"]}
    town.define("ann", "output", **keys)
    town.submit("ann", "output")
    town.approve_all("output")
    town.define("ann", "derived", "o / 3", data_sources={"metrics": {"o": "output"}}, **keys)
    town.submit("ann", "derived")
    town.approve_all("derived")
    engine.execute("call yardstick_engine.calculate_due()")
    measure = lambda **body: {"source": "analytics_metrics", "key": "units", "measures": {"n": body}}  # noqa: E731
    for name, formula, sources in (
        ("output", "100 / n", measure(agg="avg")),
        ("output", None, measure(agg="percentile", p=90)),
        ("output", None, measure(agg="stddev")),
        ("output", None, {**measure(agg="sum"), "fill": "zero"}),
        ("derived", "now - before", {"metrics": {"now": "output", "before": {"metric": "output", "lag": 1}}}),
    ):
        before = {key: row["value"] for key, row in engine.stored().items() if key[1] == name}
        town.define("ann", name, formula, data_sources=sources, **keys)
        shown = town.act("ann", """
            select jsonb_agg(jsonb_build_array(i.time_window, i.period_start, i.approved_value::text, i.draft_value::text, i.difference::text))
            from yardstick_api.metric_impact(%s) as i""", name)  # fmt: skip
        assert len(shown) == 24
        assert {key: row["value"] for key, row in engine.stored().items() if key[1] == name} == before
        town.submit("ann", name)
        town.approve_all(name)
        engine.execute("call yardstick_engine.calculate_due()")
        after = {(key[4], row["starts_at"]): row["value"] for key, row in engine.stored().items() if key[1] == name}

        checked = 0
        for window, start, approved, draft, difference in shown:
            at = datetime.fromisoformat(start)
            assert after.get((window, at)) == (None if draft is None else Decimal(draft)), (name, formula, window, start)

            if approved is not None and draft is not None:
                checked += 1
                assert Decimal(difference) == Decimal(draft) - Decimal(approved)
        assert checked > 6
    with pytest.raises(psycopg.Error, match="has no draft"):
        town.act("ann", "select count(*) from yardstick_api.metric_impact('output')")


def test_what_serves_cannot_be_changed_around_the_gates(town):
    town.define("ann", "output")
    town.submit("ann", "output")
    town.approve_all("output")
    engine = town.engine
    for role in ("yardstick_owner", "yardstick_engine_role"):
        for statement in (
            "update yardstick.metric_definitions set calculation_formula = '2 * n'",
            "update yardstick.metric_definitions set version = 2",
            "update yardstick.metric_definitions set target_value = 1",
            "update yardstick.metric_definition_versions set content = content || '{\"display_name\": \"x\"}'",
            "update yardstick.metric_definition_versions set content = content || '{\"display_name\": \"x\"}', content_hash ="
            " yardstick.content_hash(content || '{\"display_name\": \"x\"}')",
            "update yardstick.metric_definition_versions set status = 'draft'",
            "update yardstick.metric_definition_versions set created_by = null",
            "delete from yardstick.metric_definition_versions",
            "update yardstick.metric_approvals set gate = 'owner', note = 'mine'",
            "delete from yardstick.metric_approvals",
            "insert into yardstick.metric_definition_versions (organization_id, metric_id, version, content, content_hash, status)"
            " select organization_id, metric_id, 9, content, content_hash, 'approved' from yardstick.metric_definition_versions",
            "insert into yardstick.metric_approvals (organization_id, metric_id, version, gate, content_hash, approved_by)"
            " select organization_id, metric_id, version, 'owner', content_hash, submitted_by from yardstick.metric_definition_versions",
        ):
            with pytest.raises(psycopg.Error) as refusal, engine.connection.transaction():
                engine.execute("select yardstick_api.use_organization(%s, null)", [town.acme])
                engine.execute(f"set local role {role}")
                engine.execute(statement)
            assert refusal.value.sqlstate in ("YS005", "42501"), (role, statement, str(refusal.value))
    assert town.values("output") == {DAY: (4, 1)}


def test_a_superuser_who_went_around_the_gates_shows(town):
    town.define("ann", "output")
    town.submit("ann", "output")
    town.approve_all("output")
    health = "select ok, detail from yardstick_ops.health where check_name = 'governance: what serves is what was approved'"
    engine = town.engine
    assert engine.execute(health).fetchone()[0] is True
    engine.execute("set session_replication_role = replica")
    engine.execute("update yardstick.metric_definitions set target_value = 1")
    engine.execute("reset session_replication_role")
    assert engine.execute(health).fetchone() == (False, "output says something else than its approved version 1")


@pytest.mark.parametrize("seed", range(2))
def test_no_order_of_events_lets_an_unapproved_version_calculate(town, seed):
    """A model of the life cycle beside the real one: what serves is always the last version whose four gates others gave."""
    pick = random.Random(seed)
    model = {"versions": [], "serves": None}

    def newest():
        return model["versions"][-1] if model["versions"] else None

    for step in range(45):
        person = pick.choice(["ann", "bob", "cleo", "dan", "eve", None])
        event = pick.choices(["edit", "submit", "approve", "reject", "retire"], [3, 5, 16, 1, 0.5])[0]
        may = {"bob": GATES, "eve": GATES, "cleo": GATES[1:3], "dan": (GATES[0], GATES[3])}.get(person, ())
        this = newest()
        allowed, call = True, None
        if event == "edit":
            factor = pick.randrange(1, 4)
            call = (town.define, person or "ann", "output", f"{factor} * n")
            same = this and this["factor"] == factor and this["status"] in ("draft", "in_review", "approved")
            if not same:
                for version in model["versions"]:
                    if version["status"] in ("draft", "in_review"):
                        version["status"] = "superseded"
                model["versions"].append({"factor": factor, "status": "draft", "author": person or "ann", "gates": set()})
        elif event == "submit":
            call = (town.submit, person, "output")
            allowed = bool(this) and this["status"] in ("draft", "in_review")
            if allowed:
                this["status"] = "in_review"
        elif event == "approve":
            gate = pick.choice(GATES)
            call = (town.approve, person, "output", gate)
            reviewed = bool(this) and this["status"] == "in_review"
            allowed = reviewed and (gate in this["gates"] or (gate in may and person != this["author"]))
            if allowed:
                this["gates"].add(gate)
                if this["gates"] == set(GATES):
                    for version in model["versions"]:
                        if version["status"] == "approved":
                            version["status"] = "superseded"
                    this["status"] = "approved"
                    model["serves"] = this
        elif event == "reject":
            call = (town.reject, person, "output")
            allowed = bool(this) and this["status"] == "in_review" and bool(may)
            if allowed:
                this["status"] = "rejected"
        else:
            call = (town.act, person, "select yardstick_api.retire_metric('output', 'enough')")
            allowed = bool(this) and bool(may)
            if allowed:
                for version in model["versions"]:
                    version["status"] = {"draft": "superseded", "in_review": "superseded", "approved": "retired"}.get(
                        version["status"], version["status"]
                    )
        try:
            call[0](*call[1:])
            happened = True
        except psycopg.Error as refusal:
            assert (refusal.sqlstate or "").startswith("YS"), refusal
            happened = False
        assert happened == allowed, (step, event, person, this)
        if model["versions"]:
            assert [status for _, status in town.status("output")] == [v["status"] for v in model["versions"]], (step, event)
        if step % 5 == 4:
            wanted = {} if not model["serves"] else {DAY: (4 * model["serves"]["factor"], model["versions"].index(model["serves"]) + 1)}
            assert town.values("output") == wanted
