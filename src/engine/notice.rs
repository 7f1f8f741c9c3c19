//! What the admin is told beside the runs' own messages: that an evaluation is held, that a
//! policy cannot be followed, that runs wait for their limit, that a review waits for a policy.

use crate::engine::commit::stable_key;
use crate::engine::errors::EngineError;
use crate::engine::people::admin_away;
use crate::engine::stranded::Stranded;
use crate::engine::tick::Engine;
use crate::engine::{Effect, Mail, Occasion};
use crate::text::one_line;
use crate::time::{Duration, Timestamp};

impl Engine<'_> {
    /// Tells the admin of what has come up and lasts: once, and again each day.
    pub(super) fn notices(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let mut told = false;
        for (policy, why) in self.report.blocked.clone() {
            let subject = format!("Policy {policy} is blocked");
            let body = format!(
                "policy \"{policy}\" cannot be followed: {why}\n\n\
                 It opens no run until that is mended, or a corrected text is published and \
                 activated. Its open runs stand still until that is mended, or somebody \
                 cancels them.\n"
            );
            let about = format!("blocked/{policy}");
            told |= self.tell_daily((&about, &why), (subject, body), now)?;
        }
        for stranded in self.report.stranded.clone() {
            let Stranded { policy, version, why, .. } = &stranded;
            let subject = format!("Runs of {policy} stand still");
            let body = format!(
                "{}\n\nThey follow the version that opened them, whatever is at work now. \
                 What people decide is taken in; what follows from it waits.\n\n\
                 What helps: {}\n",
                stranded.words(),
                stranded.help(),
            );
            let about = format!("stranded/{policy}/{version}");
            told |= self.tell_daily((&about, why), (subject, body), now)?;
        }
        for policy in std::mem::take(&mut self.limited) {
            let subject = format!("Runs of {policy} wait for its limit");
            let body = format!(
                "As many runs of policy \"{policy}\", or of all policies together, have \
                 begun to take something away within 24 hours as are allowed. The others \
                 wait, and go on by themselves when they may.\n\n\
                 Look: tenure runs\n\
                 Stop one: tenure cancel RUN\n"
            );
            let about = format!("limit/{policy}");
            told |= self.tell_daily((&about, ""), (subject, body), now)?;
        }
        Ok(told | self.tell_of_secrets(now)?)
    }

    /// Says where nobody hears of runs that are held or failed: as long as the admin of the
    /// configuration can't be reached, and when runs stop and there is none.
    pub(super) fn nobody_hears(&mut self) -> Result<(), EngineError> {
        let admin = self.settings.admin.as_deref();
        if admin.is_none() && self.report.stopped.is_empty() {
            return Ok(());
        }
        if let Some(why) = admin_away(self.store, admin)? {
            self.report.warnings.push(format!(
                "nobody hears of runs that are held or failed: the admin can't be reached, as \
                 {why}"
            ));
        }
        Ok(())
    }

    pub(super) fn tell_daily(
        &self,
        about: (&str, &str),
        letter: (String, String),
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        self.store.atomically(|| self.tell_now_and_then(about, letter, now))
    }

    /// Tells the admin of something, in the caller's transaction: once, and again only after a
    /// day or for another reason.
    pub(super) fn tell_now_and_then(
        &self,
        (about, what): (&str, &str),
        letter: (String, String),
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        if self.settings.admin.is_none() {
            return Ok(false);
        }
        let when = (now.before(Duration::DAY), now);
        let new = self.store.tell_once((about, what), when)?;
        if new {
            // Two that are told of at one instant are two letters.
            let about = match what {
                "" => about.to_owned(),
                what => format!("{about}/{what}"),
            };
            self.tell_admin((&about, now), letter)?;
        }
        Ok(new)
    }

    /// Puts a mail to the admin into the outbox, in the caller's transaction.
    pub(super) fn tell_admin(
        &self,
        (about, now): (&str, Timestamp),
        (subject, text): (String, String),
    ) -> Result<(), EngineError> {
        let store = self.store;
        let Some(to) = self.settings.admin.clone() else { return Ok(()) };
        let person = store.person(&to)?;
        let to_name = person.map_or_else(|| to.clone(), |person| person.display_name());
        let body = format!("Hello {},\n\n{text}", one_line(&to_name));
        let occasion = Occasion::Held;
        let mut effect = Effect::Mail(Mail {
            occasion,
            to,
            to_name,
            subject,
            body,
            ..Mail::default()
        });
        self.settings.channels.route(&mut effect);
        let key = stable_key(&self.store_id, &format!("{about}/{now}"));
        let effect = serde_json::to_string(&effect)?;
        Ok(store.enqueue_once(&key, &effect, now)?)
    }
}
