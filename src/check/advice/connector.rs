//! Steps that nothing outside would follow, and sessions that nothing ends.

use crate::catalog::Missing;
use crate::check::advice::Advice;
use crate::check::quoted;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{App, AppId, By, Policy, Step, StepKind, SubjectKind};

impl Advice<'_> {
    /// Steps that change the store, and nothing else. Silent where the configuration is not
    /// known.
    pub(super) fn connector(&mut self, policy: &Policy) {
        let Some(systems) = &self.catalog.systems else { return };
        let apps = self.catalog.looked_at(&policy.scope);
        for step in policy.every_step() {
            let whose = match systems.missing((policy, &step.kind), &apps) {
                None => continue,
                Some(Missing::Ability { system, lack }) => {
                    let why = format!("`{system}` cannot do it: {}", lack.why);
                    let message = format!("`{}` cannot be done: {why}", step.text);
                    self.report(
                        Diagnostic::warning(Code::NoConnector, step.span, message)
                            .label("`activate` refuses it")
                            .help(lack.help),
                    );
                    continue;
                }
                Some(Missing::Apps(apps)) if apps.is_empty() => continue,
                Some(Missing::Apps(apps)) => self.labels(&apps),
                Some(Missing::People) => "the directory of people".to_owned(),
                Some(Missing::Groups(groups)) => {
                    let mut sources: Vec<String> = groups
                        .iter()
                        .filter_map(|group| self.group(group.id))
                        .map(|group| format!("`{}`", group.source))
                        .collect();
                    sources.dedup();
                    match sources.is_empty() {
                        // It is only declared, and not made yet.
                        true => continue,
                        false => sources.join(" or "),
                    }
                }
            };
            let by_item = policy.scope.kind != SubjectKind::User
                && !matches!(
                    step.kind,
                    StepKind::AddToGroup(_) | StepKind::RemoveFromGroup(_)
                );
            let item = match by_item {
                true => ", say in an `app` item by what it is done",
                false => "",
            };
            let message = format!(
                "`{}` changes this store, and nothing says that {whose} follows it",
                step.text
            );
            self.report(
                Diagnostic::warning(Code::NoConnector, step.span, message)
                    .label("no connector, and `activate` refuses it")
                    .help(format!(
                        "connect it under [connectors.NAME] in tenure.toml{item}, or write \
                         authority = \"store\" under [store] where it follows the store"
                    )),
            );
        }
    }

    /// `end sessions` where it ends nothing: in an app that is told of other steps, or connected,
    /// or whose sessions the others' are told to end. Silent where a flow, which may do more than its
    /// step, does another step of the policy there.
    pub(super) fn out_of_reach(&mut self, policy: &Policy) {
        let steps: Vec<&Step> = policy.every_step().collect();
        let ends = steps.iter().find(|step| step.kind == StepKind::EndSessions);
        let Some(step) = ends else { return };
        let may = |step: &&Step| {
            matches!(step.kind, StepKind::Call(_) | StepKind::RunFlow { .. })
        };
        if self.said.contains(&(Code::NoConnector, step.span)) || steps.iter().any(may) {
            return;
        }
        let ends = |app: &App| app.way(&StepKind::EndSessions).is_some();
        let others = policy.apps.iter().any(ends);
        let users = policy.scope.kind == SubjectKind::User;
        let mut silent = self.catalog.looked_at(&policy.scope);
        silent.retain(|id| {
            // Whatever else connectors do, they end no sessions.
            let others = others || users && self.is_connected(*id);
            let Some(app) = policy.apps.iter().find(|app| app.id == *id) else {
                return others;
            };
            let told = app
                .deprovision
                .iter()
                .chain(app.steps.iter().map(|(_, by)| by))
                .count();
            let flow = steps
                .iter()
                .any(|step| matches!(app.way_of_account(&step.kind), Some(By::Flow(_))));
            !ends(app) && !flow && (others || told > 0 && !users)
        });
        if silent.is_empty() {
            return;
        }
        let names = self.labels(&silent);
        let message = format!("nothing says how sessions in {names} are ended");
        let label = match users {
            true => "whoever is logged in there stays so",
            false => "whoever is logged in stays so",
        };
        self.report(
            Diagnostic::warning(Code::SessionsOutOfReach, step.span, message)
                .label(label)
                .help(format!(
                    "write `end sessions with …` in `app {}`",
                    self.first_label(&silent)
                )),
        );
    }

    fn is_connected(&self, app: AppId) -> bool {
        let systems = self.catalog.systems.as_ref();
        let accounts = systems.and_then(|systems| systems.accounts.get(&app));
        accounts.is_some_and(|connected| !connected.names.is_empty())
    }

    fn first_label(&self, ids: &[AppId]) -> String {
        let app = self.catalog.apps.iter().find(|app| ids.contains(&app.id));
        app.map(|app| quoted(&app.label)).unwrap_or_default()
    }
}
