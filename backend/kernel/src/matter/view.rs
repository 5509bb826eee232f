//! What a page shows of one matter: the detail with its actions, the computation of a clock, the history, who can see it.

use super::{
    clocks::{self, Terms},
    editions, list,
    load::{Loaded, parts, visible_matter},
    visible,
};
use crate::{
    audit,
    db::columns,
    entity::{clock, delegation, event, holding, matter, matter_link, matter_party, person, precedent},
    error::{Error, Result},
    reference::{Colleague, Reference, strings},
    scope::{Actor, roles_of},
    state::App,
    together::{Is, Together},
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use shared::kernel::{
    api::*,
    bigram,
    field::{Field, Input},
    ids::MatterId,
    kind::Kind,
    role::Role,
    text::{Text, t},
    workflow,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

pub(crate) async fn detail(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<MatterDetail> {
    detail_in(app.db.read(), app, reference, actor, id).await
}

/// The same within a transaction, where what it changed can be seen already. One statement, and another where it names what is not of its
/// own: rulings, tasks, more children than are shown.
pub(crate) async fn detail_in<C: ConnectionTrait>(read: &C, app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<MatterDetail> {
    let (together, family) = around(app, reference, actor, id)?;
    let mut found = together.read(read).await?;
    let row = found.take::<matter::Model>("matter")?.pop().ok_or_else(Error::not_found)?;
    let loaded = Loaded::found(app, row, &mut found)?;
    let holdings: Vec<holding::Model> = found.take("holding")?;
    let watching = found.number("watch")? > 0;
    let children: Vec<matter::Model> = found.take("child")?;
    let mut links: Vec<matter_link::Model> = found.take("link")?;
    links.sort_unstable_by_key(|link| link.id);
    let linked: Vec<matter::Model> = found.take("linked")?;
    let mut own: Vec<matter_party::Model> = found.take("own_party")?;
    own.extend(loaded.parties.iter().filter(|party| party.unit_id == actor.unit_id).cloned());

    let in_body = persons_in_body(&loaded);
    let others = loaded.asks.iter().filter_map(|ask| ask.answered_by).chain([loaded.matter.created_by]).chain(in_body.iter().copied());
    let rows = std::iter::once(&loaded.matter).chain(&children).chain(&linked);
    let beside = list::Beside::of(read, reference, own.into_iter(), rows.filter_map(|row| row.holder_person_id).chain(others)).await?;
    let mut together = editions::ask_titles(Together::new(app.db.backend()), &loaded);
    if children.len() > SHOWN_ITEMS {
        together = together.count("children", &family.children, family.values.clone());
    }
    if links.len() > SHOWN_ITEMS {
        let (from, values) = visible_links(app, actor, id);
        together = together.count("links", &from, values);
    }
    let rulings = closest(&loaded, found.take("ruling")?);
    together = ask_ruled(together, app, actor, &rulings);
    let mut found = together.read(read).await?;
    let seen = list::Seen::unboxed(app, actor);
    let total = |shown: usize, counted: i64| if shown > SHOWN_ITEMS { counted } else { i64::try_from(shown).unwrap_or(i64::MAX) };
    let (children_total, links_total) = (total(children.len(), found.number("children")?), total(links.len(), found.number("links")?));
    let children = family.in_order(children, &beside).into_iter().map(|child| beside.item(app, &seen, child)).collect();
    links.truncate(SHOWN_ITEMS);
    let links = link_views(id, links, linked.into_iter().map(|row| beside.item(app, &seen, row)));

    let today = app.time.today();
    let facts = loaded.facts(app, reference, app.time.now(), today);
    let mut actions = workflow::available(&loaded.kind, &facts, &actor.facts());
    // A closed matter shows no list of things that could have been done.
    if !loaded.matter.is_open {
        actions.retain(|action| action.enabled);
    }
    let creator = beside.person(loaded.matter.created_by).ok_or_else(|| Error::Other("creator missing".into()))?;
    let editable = loaded.kind.state(&loaded.matter.state).is_some_and(|state| state.editable)
        && loaded.matter.holder_unit_id == Some(actor.unit_id)
        && super::create::may_start(&loaded.kind, actor);
    let extension = loaded.matter.extension.clone().and_then(|extension| serde_json::from_value(extension).ok());
    Ok(MatterDetail {
        item: beside.item(app, &seen, loaded.matter.clone()),
        body: loaded.matter.body.as_object().cloned().unwrap_or_default(),
        named: in_body
            .iter()
            .filter_map(|id| Some((id.to_string(), beside.person(*id)?.name)))
            .chain(found.take::<(String, String)>(editions::TITLES)?)
            .collect(),
        domains: strings(&loaded.matter.domains),
        main_task: loaded.matter.main_task.clone(),
        summary: loaded.matter.summary.clone(),
        not_secret: loaded.matter.not_secret,
        parties: party_views(app, reference, &loaded, &holdings, &beside),
        clocks: loaded.clocks.iter().map(|clock| clock_view(app, reference, &loaded, clock, today)).collect(),
        handovers: handover_views(reference, &loaded),
        asks: ask_views(reference, &loaded, &beside, today),
        links,
        links_total,
        children,
        children_total,
        actions,
        extension,
        precedents: precedents(reference, rulings, found.take("ruled")?),
        editable,
        is_party: loaded.is_party(actor.unit_id),
        participates: loaded.participates(actor.unit_id),
        watching,
        created_by: creator,
        created_at: loaded.matter.created_at,
        event_count: loaded.matter.event_seq,
        attachment_count: i64::try_from(loaded.attachments.values().sum::<usize>()).unwrap_or(i64::MAX),
    })
}

/// How the children of a matter are found by an actor.
struct Family {
    /// From and condition.
    children: String,
    values: Vec<sea_orm::Value>,
    /// Sorted as in the boxes of the actor's unit, or by the matters' own day.
    as_boxed: bool,
}

impl Family {
    /// Sooner due first, and as many as are shown.
    fn in_order(&self, mut children: Vec<matter::Model>, beside: &list::Beside<'_>) -> Vec<matter::Model> {
        let day = |child: &matter::Model| beside.due_sort(child.id).filter(|_| self.as_boxed).unwrap_or(child.due_sort);
        children.sort_by_cached_key(|child| (day(child), child.id));
        children.truncate(SHOWN_ITEMS);
        children
    }
}

/// Asks for a matter, if the actor may see it, with all that hangs on it and the first of its children and links.
fn around(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<(Together, Family)> {
    let (predicate, mut values) = visible::predicate(app, actor);
    values.insert(0, id.into());
    let together =
        Together::new(app.db.backend()).rows_from::<matter::Entity>("matter", "m", &format!("matter m WHERE m.id = ? AND {predicate}"), values);
    let visible::Source { from, sorted, id: id_column, condition, values } =
        list::selection(app, reference, actor, &list::Filter { parent: Some(id), ..list::Filter::default() })?;
    let family = Family { children: format!("{from} WHERE {condition}"), values, as_boxed: sorted == "p" };
    let (links, link_values) = visible_links(app, actor, id);
    let first = |sort: &str| format!("ORDER BY {sort} LIMIT {}", SHOWN_ITEMS + 1);
    let columns = columns::<matter::Entity>("m");
    let children = format!("SELECT {columns} FROM {} {}", family.children, first(&format!("{sorted}.due_sort, {id_column}")));
    let linked = format!("SELECT {columns}, l.id AS link_id FROM {links} {}", first("l.id"));
    let together = Loaded::attached(together, app, id)
        .with("children", &children, family.values.clone())
        .with("linked", &linked, link_values)
        .rows::<holding::Entity>("holding", "t.matter_id = ?", vec![id.into()])
        .count("watch", "watch t WHERE t.matter_id = ? AND t.person_id = ?", vec![id.into(), actor.person_id().into()])
        .rows_from::<matter::Entity>("child", "m", "children m", Vec::new())
        .rows_from::<matter_link::Entity>("link", "l", "linked m JOIN matter_link l ON l.id = m.link_id", Vec::new())
        .rows_from::<matter::Entity>("linked", "m", "linked m", Vec::new())
        .rows::<matter_party::Entity>(
            "own_party",
            "t.unit_id = ? AND t.matter_id IN (SELECT m.id FROM children m UNION ALL SELECT m.id FROM linked m)",
            vec![actor.unit_id.into()],
        )
        .rows_from::<precedent::Entity>(
            "ruling",
            "t",
            &format!(
                "matter x JOIN precedent t ON t.jurisdiction_id = x.jurisdiction_id AND t.kind = x.kind AND t.matter_id <> x.id \
                 WHERE x.id = ? AND x.state IN ({DISPUTED}) ORDER BY t.ruled_at DESC LIMIT {RULINGS_COMPARED}"
            ),
            vec![id.into()],
        );
    Ok((together, family))
}

/// Persons the body names: a reader is told their names, not their ids.
fn persons_in_body(loaded: &Loaded) -> Vec<Uuid> {
    let named = loaded.kind.fields.iter().filter(|field| field.input == Input::OwnUser);
    named.filter_map(|field| loaded.matter.body.get(&field.name)?.as_str()?.parse().ok()).collect()
}

/// Children and links on the matter's own page; the others are read page by page.
const SHOWN_ITEMS: usize = 100;

/// Whole days each unit held the matter. The sum over units is the matter's age in whole days: what rounding down loses goes to the
/// units that lost most by it (largest remainder).
fn held_days(holdings: &[holding::Model], now: chrono::DateTime<chrono::Utc>) -> HashMap<Uuid, i64> {
    const DAY: i64 = 86_400;
    let mut seconds: std::collections::BTreeMap<Uuid, i64> = Default::default();
    for holding in holdings {
        *seconds.entry(holding.unit_id).or_default() += (holding.to_at.unwrap_or(now) - holding.from_at).num_seconds().max(0);
    }
    let age = seconds.values().sum::<i64>() / DAY;
    let lost = usize::try_from(age - seconds.values().map(|held| held / DAY).sum::<i64>()).unwrap_or(0);
    let mut by_remainder: Vec<(Uuid, i64)> = seconds.into_iter().collect();
    by_remainder.sort_by_key(|(_, held)| std::cmp::Reverse(held % DAY));
    by_remainder.into_iter().enumerate().map(|(place, (unit, held))| (unit, held / DAY + i64::from(place < lost))).collect()
}

fn party_views(app: &App, reference: &Reference, loaded: &Loaded, holdings: &[holding::Model], beside: &list::Beside<'_>) -> Vec<PartyView> {
    let held = held_days(holdings, app.time.now());
    let mut views: Vec<PartyView> = loaded
        .parties
        .iter()
        .map(|party| PartyView {
            unit: reference.brief(party.unit_id),
            parts: parts(party),
            person: loaded.matter.holder_person_id.filter(|_| party.holder).and_then(|id| beside.person(id)),
            held_days: held.get(&party.unit_id).copied().unwrap_or(0),
        })
        .collect();
    views.sort_by_key(|view| view.parts.iter().map(|part| *part as u8).min());
    views
}

fn clock_view(app: &App, reference: &Reference, loaded: &Loaded, clock: &clock::Model, today: NaiveDate) -> ClockView {
    let name = app.rules.get(&clock.rule).map_or_else(|| t(&clock.rule, &clock.rule), |rule| t(&rule.zh, &rule.en));
    // A clock that stands is shown as it stood.
    let by = clock.stopped_at.map_or(today, |at| today.min(crate::time::local_day(at)));
    let (state, met) = clocks::outcome(loaded, clock);
    ClockView {
        id: clock.id.into(),
        rule: clock.rule.clone(),
        name,
        purpose: clock.purpose.clone(),
        main: clock.main,
        state,
        unit: clock.unit_id.map(|unit| reference.brief(unit)),
        starts_on: clock.starts_on,
        due: clocks::due_view(&reference.edition, by, clock.starts_on, clock.due_on, clock.due_at, clock.provisional),
        stopped_at: clock.stopped_at,
        met,
    }
}

fn handover_views(reference: &Reference, loaded: &Loaded) -> Vec<HandoverView> {
    loaded
        .handovers
        .iter()
        .map(|handover| HandoverView {
            id: handover.id.into(),
            from: reference.brief(handover.from_unit_id),
            to: reference.brief(handover.to_unit_id),
            state: handover.state.clone(),
            sent_at: handover.sent_at,
            ended_at: handover.ended_at,
            refusable: handover.refusable,
            reason_code: handover.reason_code.clone(),
            reason_text: handover.reason_text.clone(),
            suggested_unit: handover.suggested_unit_id.map(|unit| reference.brief(unit)),
        })
        .collect()
}

fn ask_views(reference: &Reference, loaded: &Loaded, beside: &list::Beside<'_>, today: NaiveDate) -> Vec<AskView> {
    loaded
        .asks
        .iter()
        .map(|ask| AskView {
            id: ask.id.into(),
            unit: reference.brief(ask.unit_id),
            action: ask.action.clone(),
            // Silence counts as such only where the time to answer was there to the end.
            state: match loaded.matter.closed_at.zip(ask.due_on) {
                Some((closed, due)) if ask.state == "lapsed" && crate::time::local_day(closed) <= due => "withdrawn".into(),
                _ => ask.state.clone(),
            },
            due: ask.due_on.map(|due| clocks::due_view(&reference.edition, today, crate::time::local_day(ask.created_at), due, None, false)),
            answer: ask.answer.as_ref().and_then(|answer| answer.as_object().cloned()),
            answered_at: ask.answered_at,
            answered_by: ask.answered_by.and_then(|id| beside.person(id)).map(|person| person.name),
        })
        .collect()
}

/// `matter_link l` and the matter `m` at its other end, as far as the actor sees it; the others leave no shadow.
fn visible_links(app: &App, actor: &Actor, id: Uuid) -> (String, Vec<sea_orm::Value>) {
    let (predicate, more) = visible::predicate(app, actor);
    let mut values: Vec<sea_orm::Value> = vec![id.into(), id.into(), id.into()];
    values.extend(more);
    let other = "CASE WHEN l.from_id = ? THEN l.to_id ELSE l.from_id END";
    (format!("matter_link l JOIN matter m ON m.id = {other} WHERE (l.from_id = ? OR l.to_id = ?) AND {predicate}"), values)
}

/// Links of a matter with the matters at their other ends, as far as these are there.
fn link_views(id: Uuid, links: Vec<matter_link::Model>, linked: impl Iterator<Item = MatterItem>) -> Vec<LinkView> {
    let items: HashMap<MatterId, MatterItem> = linked.map(|item| (item.id, item)).collect();
    let views = links.into_iter().filter_map(|link| {
        let inbound = link.to_id == id;
        let other = if inbound { link.from_id } else { link.to_id };
        Some(LinkView { matter: items.get(&MatterId::from(other))?.clone(), relation: link.relation, inbound })
    });
    views.collect()
}

/// Links to matters the actor may see, oldest first.
pub(crate) async fn links<C: ConnectionTrait>(
    read: &C,
    app: &App,
    reference: &Reference,
    actor: &Actor,
    id: Uuid,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<LinkView>> {
    let (mut from, mut values) = visible_links(app, actor, id);
    if let Some(cursor) = cursor {
        from.push_str(" AND l.id > ?");
        values.push(list::decode_cursor(cursor)?.1.into());
    }
    values.push(i64::try_from(limit + 1).unwrap_or(i64::MAX).into());
    from.push_str(" ORDER BY l.id LIMIT ?");
    let mut found = Together::new(app.db.backend())
        .rows_from::<matter_link::Entity>("link", "l", &from, values.clone())
        .rows_from::<matter::Entity>("linked", "m", &from, values)
        .read(read)
        .await?;
    let mut rows: Vec<matter_link::Model> = found.take("link")?;
    rows.sort_unstable_by_key(|link| link.id);
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let items = list::items(read, app, reference, actor, found.take("linked")?).await?;
    Ok(Page { items: link_views(id, rows, items.into_iter()), next_cursor })
}

/// States in which a ruling on a similar matter helps to decide.
const DISPUTED: &str = "'ruling', 'returned', 'sent', 'draft'";
const RULINGS_COMPARED: usize = 500;
const RULINGS_SHOWN: usize = 5;

/// Rulings on similar matters: same kind, sharing words or domains; the closest five.
fn closest(loaded: &Loaded, rulings: Vec<precedent::Model>) -> Vec<precedent::Model> {
    let words: BTreeSet<String> = bigram::words(&loaded.matter.title).into_iter().collect();
    let domains = strings(&loaded.matter.domains);
    let mut scored: Vec<(usize, precedent::Model)> = rulings
        .into_iter()
        .map(|row| {
            let shared_words = row.words.split(' ').filter(|word| words.contains(*word)).count();
            let shared_domains = strings(&row.domains).iter().filter(|domain| domains.contains(domain)).count();
            (shared_words + 3 * shared_domains, row)
        })
        .filter(|(score, _)| *score >= 3)
        .collect();
    scored.sort_by_key(|(score, row)| std::cmp::Reverse((*score, row.ruled_at)));
    scored.truncate(RULINGS_SHOWN);
    scored.into_iter().map(|(_, row)| row).collect()
}

/// A matter in which a ruling was given.
#[derive(serde::Deserialize)]
struct Ruled {
    id: Uuid,
    title: String,
    number: Option<String>,
    sealed: bool,
    /// To the actor.
    visible: bool,
}

fn ask_ruled(together: Together, app: &App, actor: &Actor, rulings: &[precedent::Model]) -> Together {
    if rulings.is_empty() {
        return together;
    }
    let (predicate, mut values) = visible::predicate(app, actor);
    values.extend(rulings.iter().map(|row| sea_orm::Value::from(row.matter_id)));
    let visible = format!("({predicate})");
    let columns = [("m.id", Is::Uuid), ("m.title", Is::Plain), ("m.number", Is::Plain), ("m.sealed", Is::Bool), (visible.as_str(), Is::Bool)];
    let marks = vec!["?"; rulings.len()].join(", ");
    together.tuples("ruled", &columns, &format!("matter m WHERE m.id IN ({marks})"), values)
}

/// The grounds bind everybody; the matter they were given in is named to those who may see it, and a sealed one casts no shadow.
fn precedents(reference: &Reference, rulings: Vec<precedent::Model>, ruled: Vec<Ruled>) -> Vec<PrecedentView> {
    let ruled: HashMap<Uuid, Ruled> = ruled.into_iter().map(|matter| (matter.id, matter)).collect();
    let views = rulings.into_iter().filter_map(|row| {
        let matter = ruled.get(&row.matter_id)?;
        (matter.visible || !matter.sealed).then(|| PrecedentView {
            unit: reference.brief(row.unit_id),
            grounds: row.grounds,
            title: if matter.visible { matter.title.clone() } else { String::new() },
            number: matter.number.clone().filter(|_| matter.visible),
            ruled_at: row.ruled_at,
        })
    });
    views.collect()
}

pub(crate) async fn explain_clock(app: &App, reference: &Reference, actor: &Actor, id: Uuid, clock_id: Uuid) -> Result<ClockExplanation> {
    let matter = visible_matter(app.db.read(), app, actor, id).await?;
    let clock = clock::Entity::find_by_id(clock_id).one(app.db.read()).await?.filter(|clock| clock.matter_id == id).ok_or_else(Error::not_found)?;
    let terms: Terms = serde_json::from_str(&clock.request)?;
    // A clock that stopped is explained by the edition it was counted with, whichever is in force now.
    let edition = crate::calendar::edition_named(app.db.read(), reference, &clock.edition).await?;
    let rule = app.rules.get(&clock.rule).cloned().ok_or_else(Error::not_found)?;
    let mut sentences = terms.sentences(&edition)?;
    if clock.state == "paused" {
        sentences.extend(matter.pause.as_ref().and_then(clocks::stopped_since));
    }
    let loaded = Loaded::around(app.db.read(), app, matter).await?;
    Ok(ClockExplanation {
        steps: terms.due(&edition)?.steps,
        sentences,
        calendar_edition: clock.edition.clone(),
        clock: clock_view(app, reference, &loaded, &clock, app.time.today()),
        rule,
    })
}

/// The history, newest first.
pub(crate) async fn events(app: &App, reference: &Reference, actor: &Actor, id: Uuid, cursor: Option<&str>, limit: u64) -> Result<Page<EventView>> {
    let row = visible_matter(app.db.read(), app, actor, id).await?;
    let kind = app.kind(&row.kind)?;
    let mut query = event::Entity::find().filter(event::Column::Chain.eq(audit::chain(id))).order_by_desc(event::Column::Seq).limit(limit + 1);
    if let Some(cursor) = cursor {
        let (key, _) = list::decode_cursor(cursor)?;
        let seq: i64 = key.parse().map_err(|_| Error::problem(shared::kernel::problem::Code::CursorInvalid))?;
        query = query.filter(event::Column::Seq.lt(seq));
    }
    let mut rows = query.all(app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (row.seq.to_string(), row.id));
    let concerned = rows.iter().flat_map(|row| [row.person_id, row.on_behalf_of]).flatten();
    let persons = reference.persons(app.db.read(), concerned.chain(rows.iter().flat_map(|row| persons_named(&kind, row)))).await?;
    let items = rows.into_iter().map(|row| event_view(reference, &kind, &persons, row)).collect();
    Ok(Page { items, next_cursor })
}

/// Persons named in the answers of a step.
fn persons_named(kind: &Kind, row: &event::Model) -> Vec<Uuid> {
    let Some(step) = kind.steps.iter().find(|step| step.action == row.action) else { return Vec::new() };
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or_default();
    let asked = step.input.iter().filter(|field| field.input == Input::OwnUser);
    asked.filter_map(|field| payload.get("input")?.get(&field.name)?.as_str()?.parse().ok()).collect()
}

/// One answer of a step, labelled by its field; none when it was left empty.
fn detail_of(payload: &Value, field: &Field, name: &dyn Fn(Option<Uuid>) -> Option<String>) -> Option<EventDetail> {
    let value = payload.get("input")?.get(&field.name)?.clone();
    let empty = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
    // A person is told by name: the id says nothing to a reader.
    let named = (field.input == Input::OwnUser).then(|| name(value.as_str().and_then(|id| id.parse().ok()))).flatten();
    let value = named.map_or(value, Value::String);
    (!empty).then(|| EventDetail { label: field.label.clone(), value, input: Some(field.input.clone()) })
}

fn event_view(reference: &Reference, kind: &Kind, persons: &HashMap<Uuid, Colleague>, row: event::Model) -> EventView {
    let name = |id: Option<Uuid>| id.and_then(|id| persons.get(&id)).map(|person| person.name.clone());
    let step = kind.steps.iter().find(|step| step.action == row.action);
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or_default();
    let before = payload.get("before").and_then(Value::as_object).cloned().unwrap_or_default();
    let details = step
        .map(|step| {
            step.input
                .iter()
                .flat_map(|field| {
                    // What a step replaced stands before what replaced it.
                    let old = before.get(&field.name).map(|value| EventDetail {
                        label: t(&format!("原{}", field.label.zh), &format!("{} before", field.label.en)),
                        value: value.clone(),
                        input: Some(field.input.clone()),
                    });
                    old.into_iter().chain(detail_of(&payload, field, &name))
                })
                .collect()
        })
        .unwrap_or_default();
    let state = |code: &Option<String>| code.as_ref().and_then(|code| kind.state(code)).map(|state| state.label.clone());
    EventView {
        id: row.id.into(),
        seq: row.seq,
        at: row.at,
        label: step.map_or_else(|| action_label(&row.action), |step| step.told().clone()),
        person: name(row.person_id),
        unit: row.unit_id.map(|unit| reference.brief(unit)),
        on_behalf_of: name(row.on_behalf_of),
        from_state: state(&row.from_state),
        to_state: state(&row.to_state),
        details,
        hash: row.hash,
        action: row.action,
    }
}

/// Words for what the kernel itself records.
pub(crate) fn action_label(action: &str) -> Text {
    match action {
        "create" => t("新建草稿", "Draft created"),
        "edit" => t("修改内容", "Edited"),
        "carry_over" => t("结转到下一份清单", "Carried over to the next list"),
        "new_period" => t("新一期任务", "New period begun"),
        "attach" => t("上传附件", "Attachment added"),
        "download" => t("下载附件", "Attachment downloaded"),
        "comment" => t("留言", "Commented"),
        "link" => t("建立关联", "Linked"),
        "clock_ran_out" => t("时限届满未办", "A time limit ran out"),
        "asks_lapsed" => t("逾期未反馈", "No answer in time"),
        "recompute" => t("日历更新后重算时限", "Recomputed for a new calendar"),
        "signed_in" => t("登录", "Signed in"),
        "signed_out" => t("退出", "Signed out"),
        "password_changed" => t("修改密码", "Password changed"),
        "totp_started" => t("开始设置动态口令", "One-time codes begun"),
        "totp_confirmed" => t("启用动态口令", "One-time codes switched on"),
        "feedback_answered" => t("答复意见反馈", "Feedback answered"),
        "user_created" => t("新建用户", "User created"),
        "user_changed" => t("修改用户", "User changed"),
        "jurisdiction_created" => t("新建辖区", "Jurisdiction created"),
        "setup_imported" => t("导入单位或人员名册", "Units or people imported"),
        "sessions_revoked" => t("强制下线", "Sessions ended"),
        "unit_created" => t("新建单位", "Unit created"),
        "unit_changed" => t("修改单位", "Unit changed"),
        "delegated" => t("设置代理", "Delegation set"),
        "delegation_ended" => t("结束代理", "Delegation ended"),
        "matters_handed_over" => t("移交在办事项", "Open matters handed over"),
        "exported" => t("导出", "Exported"),
        "export_fetched" => t("下载导出的表格", "Export fetched"),
        "dossier_exported" => t("导出卷宗", "Dossier exported"),
        "proof_exported" => t("出具存证证明", "Proof issued"),
        "seals_exported" => t("导出封存记录", "Seals exported"),
        "access_viewed" => t("查看可见范围", "Viewed who can see"),
        "imported" => t("导入", "Imported"),
        "edition_applied" => t("启用日历版本", "Calendar edition applied"),
        "edition_undone" => t("撤销日历版本", "Calendar edition undone"),
        _ => t("其他操作", "Other"),
    }
}

/// Why somebody of this unit with these roles sees the matter; nothing when they don't. `person` is who looks, since sealed matters
/// name persons.
fn reasons(loaded: &Loaded, named: &BTreeSet<Uuid>, unit: &crate::entity::unit::Model, roles: &[Role], person: Uuid) -> Vec<Text> {
    let draft = loaded.matter.state == "draft";
    let reads = roles.iter().any(|role| role.permissions().contains(&shared::kernel::role::Permission::MatterRead));
    if !reads || (loaded.matter.sealed && !named.contains(&person)) || (draft && unit.id != loaded.matter.originator_unit_id) {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    if let Some(party) = loaded.parties.iter().find(|party| party.unit_id == unit.id) {
        reasons.extend(parts(party).into_iter().map(part_reason));
        if reasons.is_empty() {
            reasons.push(t("曾经参与办理", "Took part before"));
        }
    }
    if !draft && visible::observes(&loaded.kind, &unit.kind, unit.linkage_office, roles) {
        reasons.push(t("该类事项的督导单位", "Oversees this kind of matter"));
    }
    reasons
}

/// Everybody who can see a matter, and why: the same rule as the predicate, told for each person; deputies with whom they act for today.
pub(crate) async fn access(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<Vec<AccessEntry>> {
    let row = visible_matter(app.db.read(), app, actor, id).await?;
    let loaded = Loaded::around(app.db.read(), app, row).await?;
    let persons = person::Entity::find()
        .filter(person::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .filter(person::Column::Active.eq(true))
        .order_by_asc(person::Column::Username)
        .all(app.db.read())
        .await?;
    let named: BTreeSet<Uuid> = crate::entity::matter_person::Entity::find()
        .filter(crate::entity::matter_person::Column::MatterId.eq(id))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|row| row.person_id)
        .collect();
    let today = app.time.today();
    let delegations = delegation::Entity::find()
        .filter(delegation::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .filter(delegation::Column::RevokedAt.is_null())
        .filter(delegation::Column::StartsOn.lte(today))
        .filter(delegation::Column::EndsOn.gte(today))
        .order_by_asc(delegation::Column::Id)
        .all(app.db.read())
        .await?;
    let by_id: std::collections::HashMap<Uuid, &person::Model> = persons.iter().map(|person| (person.id, person)).collect();
    let mut entries = Vec::new();
    for person in &persons {
        let Some(unit) = reference.unit(person.unit_id) else { continue };
        let mut why = reasons(&loaded, &named, unit, &roles_of(person), person.id);
        let mut told = BTreeSet::new();
        for delegation in delegations.iter().filter(|delegation| delegation.deputy_id == person.id) {
            let Some(away) = by_id.get(&delegation.person_id).filter(|away| away.unit_id == person.unit_id) else { continue };
            let mut roles = roles_of(away);
            roles.retain(|role| !role.is_administration());
            if told.insert(away.id) && !reasons(&loaded, &named, unit, &roles, person.id).is_empty() {
                why.push(t(&format!("代{}办理", away.name), &format!("Acts for {}", away.name)));
            }
        }
        if !why.is_empty() {
            entries.push(AccessEntry { user: list::user_brief(reference, person), reasons: why });
        }
    }
    Ok(entries)
}

fn part_reason(part: shared::kernel::role::Part) -> Text {
    use shared::kernel::role::Part;
    match part {
        Part::Originator => t("发起单位", "Originating unit"),
        Part::Holder => t("当前承办单位", "Holding unit"),
        Part::CoHandler => t("协办单位", "Co-handling unit"),
        Part::Copied => t("抄送单位", "Copied unit"),
        Part::Overseer => t("督办单位", "Overseeing unit"),
    }
}
