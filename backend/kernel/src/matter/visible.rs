//! The visibility predicate: one rule for get, list, count, search, export, links, attachments and stream.
//! A matter is visible to a unit that is a party, and to observers its kind names; drafts to the author's unit only; sealed
//! matters to named persons only, whatever else holds.

use crate::{scope::Actor, state::App};
use sea_orm::Value;
use shared::kernel::kind::{Kind, Who};

/// Whether someone sees all matters of a kind without being a party.
pub(crate) fn observes(kind: &Kind, unit_kind: &str, linkage_office: bool, roles: &[shared::kernel::role::Role]) -> bool {
    kind.observers.iter().any(|who: &Who| {
        (who.roles.is_empty() || who.roles.iter().any(|role| roles.contains(role)))
            && (who.unit_kinds.is_empty() || who.unit_kinds.iter().any(|kind| kind == unit_kind))
            && (!who.linkage_office || linkage_office)
    })
}

pub(crate) fn observed_kinds(app: &App, actor: &Actor) -> Vec<String> {
    app.kinds.iter().filter(|kind| observes(kind, &actor.unit_kind, actor.linkage_office, &actor.roles)).map(|kind| kind.code.clone()).collect()
}

/// Whether a matter of this kind with these parties may be seen at all; [`predicate`] is the rule. Spares a question to the database for
/// each change and each open stream.
pub(crate) fn conceivable(app: &App, actor: &Actor, kind: &str, parties: &[uuid::Uuid]) -> bool {
    let observed = |kind: &Kind| observes(kind, &actor.unit_kind, actor.linkage_office, &actor.roles);
    parties.contains(&actor.unit_id) || app.kinds.iter().any(|known| known.code == kind && observed(known))
}

/// SQL over `matter m` and its values: true for exactly the matters this actor may see.
pub(crate) fn predicate(app: &App, actor: &Actor) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![actor.jurisdiction_id.into(), actor.unit_id.into()];
    let observed = observed_kinds(app, actor);
    let mut sees = "EXISTS (SELECT 1 FROM matter_party vp WHERE vp.matter_id = m.id AND vp.unit_id = ?)".to_owned();
    if !observed.is_empty() {
        let marks = vec!["?"; observed.len()].join(", ");
        sees = format!("({sees} OR (m.state <> 'draft' AND m.kind IN ({marks})))");
        values.extend(observed.into_iter().map(Value::from));
    }
    values.push(actor.unit_id.into());
    values.push(actor.person.id.into());
    let sql = format!(
        "m.jurisdiction_id = ? AND {sees} AND m.state <> 'discarded' AND (m.state <> 'draft' OR m.originator_unit_id = ?) \
         AND (NOT m.sealed OR EXISTS (SELECT 1 FROM matter_person vn WHERE vn.matter_id = m.id AND vn.person_id = ?))"
    );
    (sql, values)
}

/// Where a list starts from, so that it reads one range of one index.
pub(crate) struct Source {
    /// The FROM clause; always has `m`, and `p`, the actor's unit's own row, when it goes through the parties.
    pub from: &'static str,
    /// The alias that carries `due_sort` and `updated_at` in the order of an index, and the column of the matter's id there.
    pub sorted: &'static str,
    pub id: &'static str,
    pub condition: String,
    pub values: Vec<Value>,
}

/// The same rule as [`predicate`], for lists: through the unit's own rows where only those can be seen, or asked for.
pub(crate) fn source(app: &App, actor: &Actor, kind: Option<&str>, own_only: bool) -> Source {
    let sealed = "(NOT m.sealed OR EXISTS (SELECT 1 FROM matter_person vn WHERE vn.matter_id = m.id AND vn.person_id = ?))";
    let observed = observed_kinds(app, actor);
    let sees_kind = |kind: &str| observed.iter().any(|observed| observed == kind);
    if own_only || observed.is_empty() || kind.is_some_and(|kind| !sees_kind(kind)) {
        return Source {
            from: "matter_party p JOIN matter m ON m.id = p.matter_id",
            sorted: "p",
            id: "p.matter_id",
            condition: format!("p.unit_id = ? AND m.jurisdiction_id = ? AND m.state NOT IN ('draft', 'discarded') AND {sealed}"),
            values: vec![actor.unit_id.into(), actor.jurisdiction_id.into(), actor.person.id.into()],
        };
    }
    let all_seen = kind.is_some_and(sees_kind) || app.kinds.iter().all(|kind| sees_kind(&kind.code));
    let (condition, values) = if all_seen {
        let condition = format!("m.jurisdiction_id = ? AND m.state NOT IN ('draft', 'discarded') AND {sealed}");
        (condition, vec![actor.jurisdiction_id.into(), actor.person.id.into()])
    } else {
        let (condition, values) = predicate(app, actor);
        (format!("{condition} AND m.state <> 'draft'"), values)
    };
    Source { from: "matter m", sorted: "m", id: "m.id", condition, values }
}
