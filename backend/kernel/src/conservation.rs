//! The conservation check 守恒检查 (domain.md §7): every open matter has one holder, a live clock and its party rows; every
//! closed one has none of these running. Read by the office as a page, run by `liandong conservation`.

use crate::{counters, db::statement, error::Result, state::App};
use sea_orm::ConnectionTrait;
use shared::kernel::{
    api::{ConservationReport, Violation},
    text::t,
};
use uuid::Uuid;

struct Check {
    invariant: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Selects `id, number` of violating matters of one jurisdiction.
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

/// Checks one jurisdiction.
pub(crate) async fn check(app: &App, jurisdiction: Uuid) -> Result<ConservationReport> {
    let backend = app.db.backend();
    let counted = app
        .db
        .read()
        .query_one_raw(statement(backend, "SELECT COUNT(*) AS n FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open", vec![jurisdiction.into()]))
        .await?;
    let checked = counted.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    let mut violations = Vec::new();
    for check in CHECKS {
        let sql = format!("{} LIMIT 500", check.sql);
        for row in app.db.read().query_all_raw(statement(backend, &sql, vec![jurisdiction.into()])).await? {
            let (id, number): (Uuid, Option<String>) = (row.try_get("", "id")?, row.try_get("", "number")?);
            violations.push(Violation { invariant: check.invariant.into(), matter: Some(id.into()), number, text: t(check.zh, check.en) });
        }
    }
    for difference in counters::differences(app, jurisdiction).await? {
        let text = t(&format!("统计数与事项不一致：{difference}"), &format!("A counter does not fit the matters: {difference}"));
        violations.push(Violation { invariant: "counters".into(), matter: None, number: None, text });
    }
    Ok(ConservationReport { checked, as_of: app.time.now(), violations })
}

impl App {
    /// The check over all jurisdictions: matters checked, and each violation in words.
    pub async fn conservation(&self) -> Result<(i64, Vec<String>)> {
        use crate::entity::jurisdiction;
        use sea_orm::EntityTrait;
        let mut checked = 0;
        let mut lines = Vec::new();
        for city in jurisdiction::Entity::find().all(self.db.read()).await? {
            let report = check(self, city.id).await?;
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
