//! What these pages share, over the client's kernel: loading, one task at a time, the page's address, dates in words,
//! pickers. All that touches the kernel stands here and in the modules below, so that a page is data and layout.

mod copy;
mod data;
mod drop;
mod parts;
mod pick;
mod review;
mod session;
mod url;
mod watch;
mod when;

pub use crate::kernel::{
    fields::UnitPicker,
    hooks::{use_pages, use_query, use_title},
    i18n::use_lang,
    query::encode,
    router::{A, use_go},
    session::use_kind,
};
pub use crate::ui::{DateBox, Empty};
pub use copy::{copy_text, print_page};
pub use data::{Task, fault_words, use_task};
pub use drop::SheetDrop;
pub use parts::{Fault, Head, Lamp, Modal, Tone, count_words, kind_tabs, labelled, labelled_for, listed, loaded, on_change, on_choose};
pub use pick::PersonPicker;
pub use review::{Candidates, plainly, reading, standing, tables_words, verdict, verdict_counts};
pub use session::{brief_name, may, use_me, use_units};
pub use url::use_url;
pub use watch::use_watch;
pub use when::minute;

use shared::kernel::text::{Lang, Message};

/// The sentence of a language: `let t = tr(lang); t(M::SAVE)`.
pub fn tr(lang: Lang) -> impl Fn(Message) -> &'static str + Copy {
    move |message| message.in_lang(lang)
}
