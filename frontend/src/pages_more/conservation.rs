//! 守恒检查: every open matter has one holder, a live clock and delivered notices; what hasn't is named here.

use super::kit::{A, Empty, Head, count_words, loaded, minute, tr, use_lang, use_query, use_title};
use shared::kernel::{api::ConservationReport, messages_more as M};
use yew::prelude::*;

#[component]
pub fn ConservationPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let report = use_query::<ConservationReport>(Some("/conservation".to_owned()));
    use_title(t(M::CONSERVATION).to_owned());
    let again = report.reload.reform(|_: MouseEvent| ());
    let sub = report.ready().map(|report| M::CONSERVATION_AS_OF.fill(lang, &[&minute(report.as_of), &report.checked.to_string()])).unwrap_or_default();
    html! {
        <div class="m-page">
            <Head title={t(M::CONSERVATION)} {sub}><button class="btn" type="button" onclick={again}>{ t(M::CHECK_AGAIN) }</button></Head>
            <section class="card">
                { loaded(&report, |report| {
                    let n = i64::try_from(report.violations.len()).unwrap_or(i64::MAX);
                    if n == 0 {
                        return html! { <Empty title={count_words(M::CONSERVATION_FINE, lang, report.checked)} /> };
                    }
                    html! {
                        <>
                            <header><h2>{ count_words(M::CONSERVATION_FAULTS, lang, n) }</h2></header>
                            <table class="m-cards">
                                <thead><tr><th>{ t(M::MATTER) }</th><th>{ t(M::CONSERVATION_WHAT) }</th><th>{ t(M::CONSERVATION_RULE) }</th></tr></thead>
                                <tbody>{ for report.violations.iter().enumerate().map(|(index, violation)| {
                                    let name = violation.number.clone().or_else(|| violation.matter.map(|matter| matter.to_string())).unwrap_or_else(|| "—".to_owned());
                                    html! {
                                        <tr key={index}>
                                            <td class="title" data-label={t(M::MATTER)}>{ violation.matter.map_or_else(|| html! { <span>{ &name }</span> }, |matter| html! { <A href={format!("/matters/{matter}")}>{ &name }</A> }) }</td>
                                            <td data-label={t(M::CONSERVATION_WHAT)}>{ violation.text.in_lang(lang) }</td>
                                            <td class="sub" data-label={t(M::CONSERVATION_RULE)}>{ &violation.invariant }</td>
                                        </tr>
                                    }
                                }) }</tbody>
                            </table>
                        </>
                    }
                }) }
            </section>
            <p class="sub m-gap">{ t(M::CONSERVATION_NOTE) }</p>
        </div>
    }
}
