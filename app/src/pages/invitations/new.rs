//! `/invitations/new`: an admin asks somebody to come.

use domain::{access::Role, invitation::USUAL_INVITATION_DAYS, mail::MailLanguage, project::ProjectRole};
use leptos::prelude::*;

use super::{LIST, actions::CreateInvitation};
use crate::{
    components::*,
    context,
    error::AppError,
    form,
    pages::{projects::people::roles as project_roles, users::new::roles},
    text::{Language, use_language},
};

/// The page.
#[component]
pub fn NewInvitationPage() -> impl IntoView {
    page(async move {
        let admin = context::admin()?;
        let (gateway, role, language) = (context::gateway()?, context::viewer()?.role, use_language());
        let mailed = gateway.mail().is_set_up().await?;
        let title = language.pick("Invite somebody", "邀请用户");
        let crumbs = vec![
            ("/users".to_owned(), language.pick("Users", "用户").to_owned()),
            (LIST.to_owned(), language.pick("Invitations", "邀请").to_owned()),
        ];
        let hint = if mailed {
            language.pick(
                "They get the link by mail; you see it once as well.",
                "对方会收到带链接的邮件；你也会看到一次链接。",
            )
        } else {
            language.pick(
                "Mail is not set up: you see the link once and give it to them.",
                "尚未设置邮件：链接只向你显示一次，由你转交。",
            )
        };
        let days = [1, 3, USUAL_INVITATION_DAYS, 14, 30].map(|days| {
            let word = match language {
                Language::En if days == 1 => "1 day".to_owned(),
                Language::En => format!("{days} days"),
                Language::Zh => format!("{days} 天"),
            };
            Choice::new(days.to_string(), word)
        });
        let all = gateway.projects().list_all(&admin).await?;
        let open = all.into_iter().filter(|project| project.archived_at.is_none());
        let mut projects = vec![Choice::new("", language.pick("None", "无"))];
        projects.extend(open.map(|project| Choice::new(project.id.to_string(), project.name.to_string())));
        let projects = (projects.len() > 1).then_some(projects);
        let languages = Language::ALL.map(|language| Choice::new(language.tag(), language.own_name()));
        let spoken = MailLanguage::of_tag(language.tag()).tag();
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Users narrow=true>
                <PageHead title=title crumbs=crumbs />
                <Panel title=language.pick("Who is it?", "用户信息") id="invitation" body=true>
                    <Form action={form::action::<CreateInvitation>()}>
                        <TextField name="email" kind="email" label=language.pick("E-mail", "邮箱") autocomplete="off" max_length=254_u32 focus=true hint=hint />
                        <ChoiceField name="role" label=language.pick("Role", "角色") choices=roles(language, role) value=Role::Member.as_str() />
                        {projects.map(|projects| view! {
                            <div class="form-grid">
                                <SelectField name="project" label=language.pick("Project", "项目") choices=projects value="" hint=language.pick("They come into it as well.", "对方会同时加入该项目。") />
                                <SelectField name="project_role" label=language.pick("Role in the project", "项目角色") choices=project_roles(language) value=ProjectRole::Member.as_str() />
                            </div>
                        })}
                        <div class="form-grid">
                            <SelectField name="days" label=language.pick("The link works for", "链接有效期") choices=days.to_vec() value=USUAL_INVITATION_DAYS.to_string() />
                            <SelectField name="language" label=language.pick("Language of the mail", "邮件语言") choices=languages.to_vec() value=spoken />
                        </div>
                        <FormFoot submit=language.pick("Invite", "邀请") cancel=LIST />
                    </Form>
                </Panel>
            </Page>
        })
    })
}
