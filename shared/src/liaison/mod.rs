//! Liaison 联络: the closed-loop work list 清单化闭环督办 (plan clause 二(八)).

pub mod work_item;
pub mod work_list;
