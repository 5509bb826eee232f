//! Liaison 联络: the closed-loop work list 清单化闭环督办 (plan clause 二(八)).

pub mod work_item;
pub mod work_list;

use crate::kernel::{kind::Who, role::Role};

/// domain.md §6.2a: the linkage office, and the procuratorate as a host of the mechanism, see all of level 0 without being parties.
fn hosts() -> Vec<Who> {
    let roles = vec![Role::Prosecutor, Role::UnitHead, Role::LiaisonOfficer, Role::Commissioner];
    vec![Who::office(), Who { roles, ..Who::default() }.in_units(&["procuratorate"])]
}
