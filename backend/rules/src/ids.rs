//! Ids (UUID version 7, RFC 9562 §5.7), whose order is that in which things happened: cursors, streams and "the last hand-over" go by it.
//! A machine's clock is no proof of that: it is set back, and those of two nodes differ. So a new id follows not only the time but
//! whatever id this process made or read before.

use rand::Rng;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// The greatest so far, without version and variant: 48 bits of milliseconds, 74 of chance.
struct Last(Mutex<u128>);

static LAST: Last = Last(Mutex::new(0));

const LOW: u128 = (1 << 62) - 1;

/// The 122 bits of an id that count.
fn number(id: Uuid) -> u128 {
    let id = id.as_u128();
    ((id >> 80) << 74) | (((id >> 64) & 0xfff) << 62) | (id & LOW)
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(((number >> 74) << 80) | (0x7 << 76) | (((number >> 62) & 0xfff) << 64) | (0b10 << 62) | (number & LOW))
}

impl Last {
    fn next(&self) -> Uuid {
        let now = number(Uuid::now_v7());
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // By chance, since another node may follow the same id at this moment.
        *last = if now > *last { now } else { *last + u128::from(rand::rng().random_range(1..=1_u64 << 40)) };
        id(*last)
    }

    fn follow(&self, seen: Uuid) {
        if seen.get_version_num() == 7 {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *last = number(seen).max(*last);
        }
    }
}

/// A new id, greater than all that were made or seen here.
pub fn next() -> Uuid {
    LAST.next()
}

/// Ids made from now on are greater than this one.
pub fn follow(seen: Uuid) {
    LAST.follow(seen);
}

/// The least id of an instant and all later ones.
pub fn least_at(instant: chrono::DateTime<chrono::Utc>) -> Uuid {
    let milliseconds = u128::from(instant.timestamp_millis().unsigned_abs());
    id(milliseconds << 74)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_id_is_its_number() {
        for _ in 0..1000 {
            let one = Uuid::now_v7();
            assert_eq!(id(number(one)), one);
        }
    }

    #[test]
    fn ids_grow_also_after_one_from_a_later_time() {
        let ids = Last(Mutex::new(0));
        let before = ids.next();
        // An hour ahead, made where the clock was wrong.
        let ahead = id(number(Uuid::now_v7()) + (3_600_000 << 74));
        ids.follow(ahead);
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();
        assert!(before < ahead && ahead < made[0]);
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
    }

    #[test]
    fn two_who_follow_one_id_make_different_ones() {
        let ahead = number(Uuid::now_v7()) + (7_200_000 << 74);
        let made: BTreeSet<Uuid> = (0..200)
            // Each knows nothing but that one.
            .map(|_| Last(Mutex::new(ahead)).next())
            .collect();
        assert_eq!(made.len(), 200);
    }
}
