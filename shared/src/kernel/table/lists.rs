//! What must hold of a limit, of what recurs and of an overview: fields that can hold what is read into them or be counted.

use super::{Check, repeated};
use crate::kernel::{
    field::{Field, Input},
    kind::{Effect, Kind, Target},
    limit::{BY_DATE, RECURRING, STANDING, Series},
};

impl Check<'_> {
    /// The fields of the limit can hold what is read into them.
    pub(super) fn limit(&mut self) {
        let Some(limit) = self.kind.limit.clone() else { return };
        let of = "the limit";
        self.body(&limit.date, |input| matches!(input, Input::Date), of);
        self.demand(self.kind.agreed_day() == Some(limit.date.as_str()), || {
            format!("{of} is {}, but the main clock runs to another day", limit.date)
        });
        let derived = |kind: &Kind, name: &str| kind.field(name).is_none_or(|field| field.derived);
        if let Some(words) = &limit.words {
            self.body(words, |input| matches!(input, Input::Text { .. }), of);
            self.demand(derived(self.kind, words), || format!("{of} keeps its words in {words}, which is typed into the form"));
        }
        if let Some(confirmed) = &limit.confirmed {
            self.body(confirmed, |input| matches!(input, Input::Bool), of);
            self.demand(derived(self.kind, confirmed), || format!("{of} is confirmed in {confirmed}, which is typed into the form"));
        }
        if let Some(recurrence) = &limit.recurrence {
            self.body(recurrence, |input| matches!(input, Input::Recurrence), of);
        }
        let needed = [(true, BY_DATE), (limit.recurrence.is_some(), RECURRING), (!limit.standing.is_empty(), STANDING)];
        match &limit.kind {
            Some(kind) => {
                let codes = self.kind.field(kind).and_then(|field| self.choices(field)).unwrap_or_default();
                for (_, code) in needed.iter().filter(|(is, code)| *is && !codes.contains(*code)) {
                    self.fault(format!("{of} can't be {code}, which is none of the codes of {kind}"));
                }
            }
            None => {
                self.demand(!needed.iter().skip(1).any(|(is, _)| *is), || format!("{of} may recur or stand, but no field says whether it does"));
            }
        }
        for (field, code) in limit.recurring.iter().chain(&limit.standing) {
            let fits = self.kind.field(field).and_then(|field| self.choices(field)).is_some_and(|codes| codes.contains(code));
            self.demand(fits, || format!("{of} sets {field} to {code}, which is none of its codes"));
        }
    }

    /// What recurs has periods that begin somewhere, and an end.
    pub(super) fn series(&mut self) {
        let kind = self.kind;
        let spawns = kind.steps.iter().flat_map(|step| &step.effects).any(|effect| *effect == Effect::SpawnInstances);
        self.demand(spawns == kind.series.is_some(), || "periods are opened by a step, but not declared as a series: or the other way round".into());
        let Some(Series { state, rule, unit, drops, ends_by }) = &kind.series else { return };
        let of = "the series";
        let recurs = kind.limit.as_ref().is_some_and(|limit| limit.recurrence.is_some());
        self.demand(recurs, || format!("{of}: the limit holds no recurrence"));
        self.demand(kind.state(state).is_some_and(|state| !state.is_final), || format!("{of} begins in {state}, which is no open state"));
        self.demand(kind.is_main(rule), || format!("{of}: {rule} is no main clock"));
        self.body(unit, |input| matches!(input, Input::Unit), of);
        drops.iter().for_each(|field| self.body(field, |_| true, of));
        let ends = kind.step(ends_by, state).is_some_and(|step| {
            let closes = matches!(&step.to, Target::State { state } if kind.state(state).is_some_and(|state| state.is_final));
            closes && step.who.iter().any(|who| who.system)
        });
        self.demand(ends, || format!("{of}: the system has no step {ends_by} from {state} to an end"));
    }

    /// What the overview groups by can be counted and opened as a list.
    pub(super) fn statistics(&mut self) {
        let Some(statistics) = self.kind.statistics.clone() else { return };
        let of = "the statistics";
        self.demand(!self.kind.done_states().is_empty(), || format!("{of} count what was done, but no state says so"));
        for grouping in &statistics.groups {
            let one = |field: &Field| {
                field.facet && matches!(field.input, Input::Text { .. } | Input::Choice { .. } | Input::CodeList { .. } | Input::Unit)
            };
            let fits = self.kind.field(&grouping.field).is_some_and(one);
            self.demand(fits, || format!("{of} group by {}, which is no facet with one value", grouping.field));
            for text in [Some(&grouping.title), grouping.note.as_ref(), grouping.heading.as_ref()].into_iter().flatten() {
                self.text(text, &format!("{of}, {}", grouping.field));
            }
        }
        for twice in repeated(statistics.groups.iter().map(|grouping| grouping.field.as_str())) {
            self.fault(format!("{of} group by {twice} twice"));
        }
        for duty in &statistics.duties {
            let open = self.kind.state(&duty.state).is_some_and(|state| !state.is_final);
            self.demand(open, || format!("{of} count {}, which is no open state", duty.state));
            self.text(&duty.label, &format!("{of}, {}", duty.state));
        }
    }
}
