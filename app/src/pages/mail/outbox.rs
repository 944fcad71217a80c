//! What waits to be sent, what failed and why, and what was sent of late. Neither text nor link of a mail is kept, so none is
//! shown.

use domain::mail::{MailKind, MailState, MailView, SendFault};
use leptos::prelude::*;

use super::actions::MailAgain;
use crate::{
    components::*,
    form,
    text::{Language, use_language},
};

/// The list. Owners may try again what has not been sent.
#[component]
pub(super) fn Outbox(mails: Vec<MailView>, owns: bool) -> impl IntoView {
    let language = use_language();
    let title = language.pick("Sent and waiting", "已发送与等待中");
    if mails.is_empty() {
        return view! {
            <Panel title=title id="outbox">
                <Nothing
                    title=language.pick("Nothing was sent yet", "还没有发送过邮件")
                    text=language.pick("What fails stands here with its reason, and is tried again for a day.", "发送失败的邮件及原因会显示在这里，并在一天内重试。")
                />
            </Panel>
        }
        .into_any();
    }
    let mut columns = vec![
        Column::new(language.pick("Mail", "邮件")),
        Column::new(language.pick("State", "状态")),
        Column::new(language.pick("Asked for, UTC", "申请时间（UTC）")).leaves(2),
    ];
    if owns {
        columns.push(Column::actions(language.pick("Try again", "重试")));
    }
    let rows: Vec<_> = mails
        .into_iter()
        .map(|mail| view! { <Row mail=mail owns=owns /> })
        .collect();
    view! {
        <Panel title=title id="outbox"><Table columns=columns>{rows}</Table></Panel>
    }
    .into_any()
}

#[component]
fn Row(mail: MailView, owns: bool) -> impl IntoView {
    let language = use_language();
    let (tone, word) = match mail.state {
        MailState::Waiting => (Tone::Busy, language.pick("Waiting", "等待中")),
        MailState::Sent => (Tone::Good, language.pick("Sent", "已发送")),
        MailState::Failed => (Tone::Bad, language.pick("Given up", "已放弃")),
    };
    let tries = match (language, mail.attempts) {
        (_, ..=1) => String::new(),
        (Language::En, tries) => format!("{tries} tries"),
        (Language::Zh, tries) => format!("已尝试 {tries} 次"),
    };
    let problem = mail
        .problem
        .as_ref()
        .filter(|_| mail.state != MailState::Sent)
        .map(|problem| view! { <small class="break">{language.send_fault(problem)}</small> });
    let may_go = mail.state != MailState::Sent && mail.problem != Some(SendFault::Nobody);
    let again = (owns && may_go).then(|| {
        let label = match language {
            Language::En => format!("Try the mail to {} again", mail.recipient),
            Language::Zh => format!("重新发送给 {}", mail.recipient),
        };
        view! {
            <PostButton action={form::action::<MailAgain>()} fields=vec![("id", mail.id.to_string())] class="btn-s" label=label>
                {language.pick("Try again", "重试")}
            </PostButton>
        }
    });
    view! {
        <tr>
            <td class="cell-lead two-line">
                <span class="cell-main break">{mail.recipient.clone()}</span>
                <small>{kind_in_words(mail.kind, language)}</small>
                {problem}
            </td>
            <td class="cell-end"><Status tone=tone text=word note=tries /></td>
            <td class="col-2" data-label=language.pick("Asked for", "申请时间")><Time at=mail.created_at style=TimeStyle::Short /></td>
            {owns.then(|| view! { <td class="cell-actions">{again}</td> })}
        </tr>
    }
}

const fn kind_in_words(kind: MailKind, language: Language) -> &'static str {
    match kind {
        MailKind::Reset => language.pick("New password", "重设密码"),
        MailKind::Register => language.pick("Registration", "注册"),
        MailKind::Confirm => language.pick("Proof of an address", "验证邮箱"),
        MailKind::Invite => language.pick("Invitation", "邀请"),
        MailKind::Moved => language.pick("Address changed", "邮箱变更"),
        MailKind::Password => language.pick("Password changed", "密码变更"),
        MailKind::Linked => language.pick("Identity linked", "关联身份"),
    }
}
