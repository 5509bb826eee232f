//! The conservation check 守恒检查 (domain.md §7): every open matter has one holder, a live clock, its party rows and notices delivered;
//! due dates are what their inputs give, the holders' days add up; every closed one has none of these running. Read by the office as a
//! page, run by `liandong conservation`.

use crate::{
    audit, calendar, counters,
    db::{columns, statement},
    entity::{ask, calendar_switch, clock, event, handover, holding, matter},
    error::Result,
    matter::{clocks::Terms, load::Loaded, looks},
    reference::Reference,
    scope::Actor,
    state::App,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use shared::kernel::{
    api::{ConservationReport, Violation},
    calendar::Edition,
    text::t,
};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

struct Check {
    invariant: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Selects `id, number` of violating matters `m` of one jurisdiction; ends in a condition.
    sql: &'static str,
}

const CHECKS: &[Check] = &[
    Check {
        invariant: "holder_active",
        zh: "在办事项没有在用的承办单位",
        en: "An open matter has no active holder",
        sql: "SELECT m.id, m.number FROM matter m LEFT JOIN unit u ON u.id = m.holder_unit_id WHERE m.jurisdiction_id = ? AND m.is_open AND (u.id IS NULL OR NOT u.active)",
    },
    Check {
        invariant: "live_clock",
        zh: "在办事项没有运行中的时限",
        en: "An open matter has no live clock",
        sql: "SELECT m.id, m.number FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open AND m.state NOT IN ('draft', 'discarded') AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = m.id AND c.state IN ('running', 'paused'))",
    },
    Check {
        invariant: "closed_is_quiet",
        zh: "已办结事项仍有运行中的时限、移交或征询",
        en: "A closed matter still has a running clock, hand-over or ask",
        sql: "SELECT m.id, m.number FROM matter m WHERE m.jurisdiction_id = ? AND NOT m.is_open AND (EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = m.id AND c.state <> 'stopped') OR EXISTS (SELECT 1 FROM handover h WHERE h.matter_id = m.id AND h.state = 'sent') OR EXISTS (SELECT 1 FROM ask a WHERE a.matter_id = m.id AND a.state = 'open'))",
    },
    Check {
        invariant: "holder_is_party",
        zh: "承办单位不在参与单位中",
        en: "The holder is not among the parties",
        sql: "SELECT m.id, m.number FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open AND NOT EXISTS (SELECT 1 FROM matter_party p WHERE p.matter_id = m.id AND p.unit_id = m.holder_unit_id AND p.holder AND p.is_open)",
    },
    Check {
        invariant: "one_holding",
        zh: "承办记录与当前承办单位不一致",
        en: "The holding record does not fit the holder",
        sql: "SELECT m.id, m.number FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open AND NOT EXISTS (SELECT 1 FROM holding h WHERE h.matter_id = m.id AND h.to_at IS NULL AND h.unit_id = m.holder_unit_id)",
    },
    Check {
        invariant: "due_of_main_clock",
        zh: "完成时限与主时限不一致",
        en: "The due date does not fit the main clock",
        sql: "SELECT m.id, m.number FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open AND EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = m.id AND c.main AND c.state = 'running') AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = m.id AND c.main AND c.due_on = m.due_on)",
    },
    Check {
        invariant: "sent_has_handover",
        zh: "待签收事项没有对应的移交",
        en: "A matter awaiting receipt has no open hand-over",
        sql: "SELECT m.id, m.number FROM matter m WHERE m.jurisdiction_id = ? AND m.state = 'sent' AND NOT EXISTS (SELECT 1 FROM handover h WHERE h.matter_id = m.id AND h.state = 'sent' AND h.to_unit_id = m.holder_unit_id)",
    },
];

/// Who reads the report: what is restricted to named persons leaves no shadow for others, not even as a number.
#[derive(Clone, Copy)]
pub(crate) enum Reader<'a> {
    Person(&'a Actor),
    /// Whoever runs the program's command line.
    CommandLine,
}

/// So many matters are looked through at a time.
const BATCH: u64 = 1000;

/// Checks one jurisdiction.
pub(crate) async fn check(app: &App, reference: &Reference, reader: Reader<'_>) -> Result<ConservationReport> {
    let backend = app.db.backend();
    let jurisdiction = reference.jurisdiction.id;
    let (seen, person) = match reader {
        Reader::Person(actor) => (
            "(NOT m.sealed OR EXISTS (SELECT 1 FROM matter_person vn WHERE vn.matter_id = m.id AND vn.person_id = ?))",
            Some(sea_orm::Value::from(actor.person_id())),
        ),
        Reader::CommandLine => ("TRUE", None),
    };
    let values = || [sea_orm::Value::from(jurisdiction)].into_iter().chain(person.clone()).collect::<Vec<_>>();
    // One view for all of it: a matter that moves on meanwhile is no violation.
    let read = app.db.snapshot().await?;
    let counted = read
        .query_one_raw(statement(
            backend,
            &format!("SELECT COUNT(*) AS n FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open AND {seen}"),
            values(),
        ))
        .await?;
    let checked = counted.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    let mut violations = Vec::new();
    for check in CHECKS {
        let sql = format!("{} AND {seen} LIMIT 500", check.sql);
        for row in read.query_all_raw(statement(backend, &sql, values())).await? {
            let (id, number): (Uuid, Option<String>) = (row.try_get("", "id")?, row.try_get("", "number")?);
            violations.push(Violation { invariant: check.invariant.into(), matter: Some(id.into()), number, text: t(check.zh, check.en) });
        }
    }
    let mut after = Uuid::nil();
    loop {
        let named = columns::<matter::Entity>("m");
        let sql =
            format!("SELECT {named} FROM matter m WHERE m.jurisdiction_id = ? AND {seen} AND m.is_open AND m.id > ? ORDER BY m.id LIMIT {BATCH}");
        let mut values = values();
        values.push(after.into());
        let rows = matter::Entity::find().from_raw_sql(statement(backend, &sql, values)).all(&read).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        batch(&read, app, reference, rows, &mut violations).await?;
    }
    read.commit().await?;
    for difference in counters::differences(app, jurisdiction).await? {
        let text = t(&format!("统计数与事项不一致：{difference}"), &format!("A counter does not fit the matters: {difference}"));
        violations.push(Violation { invariant: "counters".into(), matter: None, number: None, text });
    }
    Ok(ConservationReport { checked, as_of: app.time.now(), violations })
}

/// What is computed rather than compared in the database: due dates from their inputs, the holders' days, notices of hand-overs.
async fn batch<C: ConnectionTrait>(
    read: &C,
    app: &App,
    reference: &Reference,
    rows: Vec<matter::Model>,
    violations: &mut Vec<Violation>,
) -> Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut clocks = by_matter(clock::Entity::find().filter(clock::Column::MatterId.is_in(ids.clone())).all(read).await?, |row| row.matter_id);
    let mut holdings = by_matter(
        holding::Entity::find()
            .filter(holding::Column::MatterId.is_in(ids.clone()))
            .order_by_asc(holding::Column::FromAt)
            .order_by_asc(holding::Column::Id)
            .all(read)
            .await?,
        |row| row.matter_id,
    );
    let mut asks = by_matter(ask::Entity::find().filter(ask::Column::MatterId.is_in(ids.clone())).all(read).await?, |row| row.matter_id);
    let mut handovers = by_matter(
        handover::Entity::find().filter(handover::Column::MatterId.is_in(ids)).filter(handover::Column::State.eq("sent")).all(read).await?,
        |row| row.matter_id,
    );
    // Until the matters have followed a calendar just switched, the day counted by the one before is right, too.
    let switching = calendar_switch::Entity::find_by_id(reference.jurisdiction.id).one(read).await?.is_some();
    let mut named: HashMap<String, Arc<Edition>> = HashMap::new();
    for row in rows {
        let mut found = |invariant: &str, zh: String, en: String| {
            violations.push(Violation { invariant: invariant.into(), matter: Some(row.id.into()), number: row.number.clone(), text: t(&zh, &en) });
        };
        let own_clocks = clocks.remove(&row.id).unwrap_or_default();
        if let Ok(kind) = app.kind(&row.kind) {
            let mut loaded = Loaded::alone(kind, row.clone(), own_clocks.clone());
            loaded.asks = asks.remove(&row.id).unwrap_or_default();
            // A day that has come and was not looked at yet is in order; one that comes after something was to be done is not.
            if row.look_on > looks::next(reference, &loaded, app.time.today(), true).max(app.time.today()) {
                let en = "The day to look at it comes after something is to be done";
                found("looked_at_in_time", "系统下次查看该事项的日期晚于应查看之日".into(), en.into());
            }
        }
        for clock in own_clocks.into_iter().filter(|clock| clock.state != "stopped") {
            if !named.contains_key(&clock.edition) {
                named.insert(clock.edition.clone(), calendar::edition_named(read, reference, &clock.edition).await?);
            }
            let right = |edition: &Edition| {
                let due = serde_json::from_str::<Terms>(&clock.request).ok().and_then(|terms| terms.due(edition).ok());
                due.is_some_and(|due| due.on == clock.due_on && due.at == clock.due_at)
            };
            let as_named = switching && named.get(&clock.edition).is_some_and(|edition| right(edition));
            if !right(&reference.edition) && !as_named {
                let name = app.rules.get(&clock.rule).map_or_else(|| t(&clock.rule, &clock.rule), |rule| t(&rule.zh, &rule.en));
                found(
                    "due_of_inputs",
                    format!("“{}”的到期日与按原始数据重算的结果不一致", name.zh),
                    format!("The due date of “{}” is not what its inputs give", name.en),
                );
            }
        }
        if !adds_up(read, &row, holdings.remove(&row.id).unwrap_or_default()).await? {
            found("days_add_up", "各承办单位天数之和与事项存续时间不一致".into(), "The holders' days do not add up to the matter's age".into());
        }
        for handover in handovers.remove(&row.id).unwrap_or_default() {
            if !told(read, app, &row, &handover).await? {
                found("handover_told", "移交没有通知到接收单位的任何人".into(), "Nobody in the receiving unit was told of the hand-over".into());
            }
        }
    }
    Ok(())
}

fn by_matter<T>(rows: Vec<T>, matter: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut map: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        map.entry(matter(&row)).or_default().push(row);
    }
    map
}

/// Whether the holders' intervals follow each other from the matter's beginning until now, without gap or overlap. A gap from a closing
/// to a reopening is none.
async fn adds_up<C: ConnectionTrait>(read: &C, row: &matter::Model, holdings: Vec<holding::Model>) -> Result<bool> {
    let begun = holdings.first().is_some_and(|first| (first.from_at - row.created_at).abs() < chrono::Duration::seconds(BEGUN_WITHIN));
    if !begun || holdings.last().is_none_or(|last| last.to_at.is_some()) {
        return Ok(false);
    }
    for pair in holdings.windows(2) {
        let [one, next] = pair else { continue };
        let Some(ended) = one.to_at else { return Ok(false) };
        if ended == next.from_at {
            continue;
        }
        let reopened = ended < next.from_at
            && event::Entity::find()
                .filter(event::Column::Chain.eq(audit::chain(row.id)))
                .filter(event::Column::Action.eq("reopen"))
                .one(read)
                .await?
                .is_some();
        if !reopened {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The row and its first holding are written in one transaction, not at one instant.
const BEGUN_WITHIN: i64 = 60;

/// Whether somebody in the receiving unit was told of a hand-over, or sent it themselves.
async fn told<C: ConnectionTrait>(read: &C, app: &App, row: &matter::Model, handover: &handover::Model) -> Result<bool> {
    let backend = app.db.backend();
    // A unit without people has nobody to tell: its silence is told to the linkage office.
    // The instant of a notice is that of the hand-over or a moment later, within one step.
    let sql = "SELECT 1 AS n WHERE EXISTS (SELECT 1 FROM notice n JOIN person p ON p.id = n.person_id
               WHERE n.matter_id = ? AND p.unit_id = ? AND n.created_at >= ?)
               OR EXISTS (SELECT 1 FROM event e WHERE e.matter_id = ? AND e.unit_id = ? AND e.at >= ?)
               OR NOT EXISTS (SELECT 1 FROM person p WHERE p.unit_id = ? AND p.active)";
    let since = handover.sent_at - chrono::Duration::seconds(BEGUN_WITHIN);
    let to = handover.to_unit_id;
    let values = vec![row.id.into(), to.into(), since.into(), row.id.into(), to.into(), since.into(), to.into()];
    Ok(read.query_one_raw(statement(backend, sql, values)).await?.is_some())
}

impl App {
    /// The check over all jurisdictions: matters checked, and each violation in words.
    pub async fn conservation(&self) -> Result<(i64, Vec<String>)> {
        use crate::entity::jurisdiction;
        let mut checked = 0;
        let mut lines = Vec::new();
        for city in jurisdiction::Entity::find().all(self.db.read()).await? {
            let reference = self.reference(city.id).await?;
            let report = check(self, &reference, Reader::CommandLine).await?;
            checked += report.checked;
            lines.extend(report.violations.into_iter().map(|violation| {
                format!(
                    "{}: {} ({}) {}",
                    violation.number.unwrap_or_default(),
                    violation.invariant,
                    violation.text.en,
                    violation.matter.map(|id| id.to_string()).unwrap_or_default()
                )
            }));
        }
        Ok((checked, lines))
    }

    /// Verifies history and seals; the inner error names the first fault.
    pub async fn verify(&self) -> Result<std::result::Result<i64, String>> {
        crate::audit::verify(self, None).await
    }

    /// What differs between the database and seals exported earlier.
    pub async fn differences(&self, file: &crate::proof::seals::SealFile) -> Result<Vec<String>> {
        crate::audit::differences(self, file).await
    }
}
