//! Which schemas a program can work on, told by the names of migrations alone (docs/adr/0008). A program knows the names it was built
//! with; of later ones it reads the ending, which names the oldest program that may go on serving. What was applied says it all: no
//! second record can differ from it.
//!
//! - `m0012_areas__beside_0011` only adds: programs whose newest migration is 0011 or a later one go on serving.
//! - `m0013_no_zones__after_0012` only removes what programs from 0012 on no longer use. They work with and without it.
//! - `m0014_weights` promises nothing: no older program may serve on it.

/// What a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Promise {
    /// The newest migration that a program must know to serve on this one.
    oldest: u32,
    /// The program that brings it works without it, too.
    late: bool,
}

/// `12` of `m0012_areas`; 0 of what is no name of ours.
pub fn number(name: &str) -> u32 {
    let digits = name.strip_prefix('m').unwrap_or_default();
    digits.split('_').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn promise(name: &str) -> Promise {
    let (beside, after) = (name.rsplit_once("__beside_"), name.rsplit_once("__after_"));
    let told = beside.or(after).and_then(|(_, number)| number.parse().ok());
    // An ending that can't be read promises nothing.
    Promise { oldest: told.unwrap_or(if number(name) > 0 { number(name) } else { u32::MAX }), late: told.is_some() && after.is_some() }
}

/// The number by which a program is known to others: that of its newest migration.
pub fn newest(own: &[String]) -> u32 {
    own.iter().map(|name| number(name)).max().unwrap_or(0)
}

/// A schema as a program sees it.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// The program can serve on it.
    Serves,
    /// These are needed first.
    Older(Vec<String>),
    /// These ask for a newer program.
    Newer(Vec<String>),
}

/// Whether a program with its `own` migrations can serve where those of `applied` were applied.
pub fn standing(own: &[String], applied: &[String]) -> Standing {
    let known = newest(own);
    let foreign: Vec<String> = applied.iter().filter(|name| !own.contains(name) && promise(name).oldest > known).cloned().collect();
    if !foreign.is_empty() {
        return Standing::Newer(foreign);
    }
    let needed: Vec<String> = pending(own, applied).into_iter().filter(|name| !promise(name).late).collect();
    if needed.is_empty() { Standing::Serves } else { Standing::Older(needed) }
}

/// A program's own migrations that were not applied, in order.
pub fn pending(own: &[String], applied: &[String]) -> Vec<String> {
    own.iter().filter(|name| !applied.contains(name)).cloned().collect()
}

/// How many of the pending migrations may be applied, in order, while programs with these numbers serve. An error names the first one that
/// the program can't do without and some program that serves can't do with: then none is applied.
pub fn applicable(pending: &[String], serving: &[u32]) -> Result<usize, String> {
    let oldest = serving.iter().copied().min().unwrap_or(u32::MAX);
    let held = |name: &&String| promise(name).oldest > oldest;
    let at = pending.iter().position(|name| held(&name)).unwrap_or(pending.len());
    match pending[at..].iter().find(|name| !promise(name).late) {
        Some(needed) => Err(pending[at..].iter().find(held).unwrap_or(needed).clone()),
        None => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    const OLD: &[&str] = &["m0001_foundation", "m0002_counters"];
    const ADDS: &str = "m0003_areas__beside_0002";
    const REMOVES: &str = "m0004_no_zones__after_0003";
    const BREAKS: &str = "m0005_weights";

    #[test]
    fn an_older_program_serves_on_what_was_only_added_to() {
        let old = names(OLD);
        assert_eq!(standing(&old, &old), Standing::Serves);
        assert_eq!(standing(&old, &names(&[OLD[0], OLD[1], ADDS])), Standing::Serves);
        let removed = names(&[OLD[0], OLD[1], ADDS, REMOVES]);
        assert_eq!(standing(&old, &removed), Standing::Newer(names(&[REMOVES])));
        let between = names(&[OLD[0], OLD[1], ADDS]);
        assert_eq!(standing(&between, &removed), Standing::Serves);
        assert_eq!(standing(&between, &names(&[OLD[0], OLD[1], ADDS, REMOVES, BREAKS])), Standing::Newer(names(&[BREAKS])));
    }

    #[test]
    fn a_newer_program_waits_for_what_it_uses_only() {
        let new = names(&[OLD[0], OLD[1], ADDS, REMOVES]);
        assert_eq!(standing(&new, &names(OLD)), Standing::Older(names(&[ADDS])));
        assert_eq!(standing(&new, &names(&[OLD[0], OLD[1], ADDS])), Standing::Serves, "what is only to be removed can wait");
        assert_eq!(standing(&new, &[]), Standing::Older(names(&[OLD[0], OLD[1], ADDS])));
    }

    #[test]
    fn names_that_promise_nothing_readable_are_foreign() {
        let old = names(OLD);
        for odd in ["m9999_of_the_future", "m0003_areas__beside_", "m0003_areas__beside_two", "of another product", "m0003_a__after_9"] {
            assert_eq!(standing(&old, &names(&[OLD[0], OLD[1], odd])), Standing::Newer(names(&[odd])), "{odd}");
        }
    }

    #[test]
    fn what_serves_is_not_broken_by_a_migration() {
        let pending = names(&[ADDS, REMOVES]);
        assert_eq!(applicable(&pending, &[]), Ok(2));
        assert_eq!(applicable(&pending, &[2, 2]), Ok(1), "the removal waits until the old programs have ended");
        assert_eq!(applicable(&pending, &[3, 3]), Ok(2));
        assert_eq!(applicable(&pending, &[1]), Err(ADDS.into()), "nothing at all: the first one would break it");
        assert_eq!(applicable(&names(&[ADDS, BREAKS]), &[2]), Err(BREAKS.into()), "nor half of it");
        assert_eq!(applicable(&names(&[REMOVES, BREAKS]), &[2]), Err(REMOVES.into()));
        assert_eq!(applicable(&[], &[1]), Ok(0));
    }
}
