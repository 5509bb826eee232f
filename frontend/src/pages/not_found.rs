//! An address that leads nowhere.

use crate::{
    kernel::{hooks::use_title, i18n::use_lang, router::A},
    ui::Empty,
};
use shared::kernel::messages as m;
use yew::prelude::*;

#[component]
pub fn NotFoundPage() -> Html {
    let lang = use_lang();
    use_title(m::NOT_FOUND_TITLE.in_lang(lang).to_owned());
    html! {
        <div class="card">
            <div class="pad"><h1>{ m::NOT_FOUND_TITLE.in_lang(lang) }</h1></div>
            <Empty title={m::NOT_FOUND_WHAT.in_lang(lang)} text="">
                <div class="row-actions"><A href="/" class="btn primary">{ m::TO_HOME.in_lang(lang) }</A><A href="/search" class="btn">{ m::SEARCH.in_lang(lang) }</A></div>
            </Empty>
        </div>
    }
}
