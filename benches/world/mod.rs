//! A large company out of a number: the same seed and size give the same folder of files.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "the numbers are small"
)]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tenure::time::{Duration, Timestamp};

/// The instant at which the world is looked at: 2026-11-20T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_176_000);

const ACCOUNTS_PER_IDENTITY: u64 = 5;
const APPS: u64 = 50;
const PERMISSIONS_PER_APP: u64 = 20;

const GIVEN: [&str; 16] = [
    "Ida", "Cleo", "Olga", "Zoe", "Yan", "Dara", "Max", "Lea", "Pat", "Ned", "Newt",
    "Amir", "Bea", "Søren", "Uma", "Kofi",
];
const FAMILY: [&str; 16] = [
    "Tran", "Ngata", "Berg", "Quist", "Li", "Levi", "Øster", "Roux", "O'Neil", "Abara",
    "Scale", "Haddad", "Costa", "Lund", "Rao", "Mensah",
];
const DEPARTMENTS: [&str; 20] = [
    "Sales",
    "Engineering",
    "IT",
    "Legal",
    "Board",
    "Finance",
    "Marketing",
    "Support",
    "Security",
    "Operations",
    "People",
    "Research",
    "Design",
    "Product",
    "Data",
    "Quality",
    "Logistics",
    "Procurement",
    "Facilities",
    "Communications",
];
const LIFECYCLE: [(&str, &str); 5] = [
    ("active", "active"),
    ("prehire", "active"),
    ("leave", "inactive short-term"),
    ("terminated", "inactive short-term"),
    ("deleted", "inactive long-term"),
];

/// How large, and which of the worlds of that size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    /// How many accounts; everything else follows.
    pub(crate) accounts: u64,
    /// Which one.
    pub(crate) seed: u64,
}

impl World {
    /// How many people there are.
    pub(crate) fn identities(self) -> u64 {
        self.accounts.div_ceil(ACCOUNTS_PER_IDENTITY).max(1)
    }

    /// How many groups there are.
    pub(crate) fn groups(self) -> u64 {
        (self.identities() / 10).clamp(5, 2_000)
    }

    /// Writes the files of this world into `folder`, which is made when it is not there.
    pub(crate) fn write(self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.write_lists(folder)?;
        self.write_identities(&mut table(folder, "identities.csv")?)?;
        self.write_memberships(&mut table(folder, "memberships.csv")?)?;
        self.write_accounts(folder)
    }

    fn write_lists(self, folder: &Path) -> io::Result<()> {
        let mut out = table(folder, "lifecycle_states.csv")?;
        writeln!(out, "state,identity_state,enabled")?;
        for (name, state) in LIFECYCLE {
            writeln!(out, "{name},{state},true")?;
        }
        out.flush()?;
        let mut out = table(folder, "apps.csv")?;
        writeln!(out, "app,label,instance_id,owner_email")?;
        for app in 0..APPS {
            let owner = email(app % self.identities());
            writeln!(out, "{},App {app},prod-{app:02},{owner}", app_name(app))?;
        }
        out.flush()?;
        let mut out = table(folder, "permissions.csv")?;
        writeln!(out, "app,permission,label,type,source,privileged")?;
        for app in 0..APPS {
            for permission in 0..PERMISSIONS_PER_APP {
                let app = app_name(app);
                let privileged = permission == PERMISSIONS_PER_APP - 1;
                writeln!(
                    out,
                    "{app},perm_{permission},Permission {permission},PERMISSION,INTEGRATION,{privileged}"
                )?;
            }
        }
        out.flush()?;
        let mut out = table(folder, "groups.csv")?;
        writeln!(out, "group,source,kind,privileged")?;
        for group in 0..self.groups() {
            let (source, kind) = group_source(group);
            writeln!(out, "{},{source},{kind},{}", group_name(group), group == 0)?;
        }
        out.flush()?;
        let mut out = table(folder, "roles.csv")?;
        writeln!(out, "role,default,privileged")?;
        writeln!(out, "Employee,true,false\nAuditor,false,true\nCRM User,false,false")?;
        out.flush()?;
        let mut out = table(folder, "role_members.csv")?;
        writeln!(out, "role,email,granted_at")?;
        for identity in (0..self.identities()).step_by(40) {
            let role = if identity % 400 == 0 { "Auditor" } else { "CRM User" };
            writeln!(out, "{role},{},2024-01-01", email(identity))?;
        }
        out.flush()
    }

    fn write_identities(self, out: &mut impl Write) -> io::Result<()> {
        let mut dice = Dice::new(self.seed, 1);
        writeln!(
            out,
            "email,username,given_name,family_name,status,department,title,manager_email,\
             lifecycle_state,created_at,password_changed_at,password_expires_at,cost_center"
        )?;
        for identity in 0..self.identities() {
            let status = match dice.below(100) {
                0..96 => "active",
                96..98 => "suspended",
                _ => "disabled",
            };
            let department = match dice.below(100) {
                0..4 => "",
                _ => pick(&DEPARTMENTS, dice.below(20)),
            };
            let lifecycle = match dice.below(100) {
                0..93 => 0,
                93 => 1,
                94..96 => 2,
                96..98 => 3,
                _ => 4,
            };
            let (state, _) = LIFECYCLE[lifecycle];
            let manager = match identity {
                0 => String::new(),
                _ => email((identity - 1) / 8),
            };
            let created = ago(dice.below(3_000) + 30, 0);
            let changed = dice.below(120);
            writeln!(
                out,
                "{},user{identity},{},{},{status},{department},Grade {},{manager},{state},\
                 {created},{},{},{}",
                email(identity),
                pick(&GIVEN, identity),
                pick(&FAMILY, identity / 16),
                dice.below(40),
                ago(changed, 0),
                ago(changed, 90),
                100 * (1 + dice.below(30)),
            )?;
        }
        out.flush()
    }

    fn write_memberships(self, out: &mut impl Write) -> io::Result<()> {
        let mut dice = Dice::new(self.seed, 2);
        let sizes = Zipf::new(self.groups());
        let mut wanted = self.accounts * 12 / 10;
        writeln!(out, "group,source,email,member_group,joined_at")?;
        for group in (99..self.groups()).step_by(100).filter(|group| *group > 99) {
            let (source, _) = group_source(group);
            let (outer, inner) = (group_name(group), group_name(group - 1));
            // Both are of the same source: it changes at every tenth.
            if group_source(group - 1).0 == source {
                writeln!(out, "{outer},{source},,{inner},")?;
            }
        }
        for identity in 0..self.identities() {
            let mut mine = Vec::new();
            // A few more draws than needed: some hit a group twice.
            for _ in 0..20 {
                let group = sizes.draw(&mut dice);
                if wanted == 0 || mine.len() == 6 || mine.contains(&group) {
                    continue;
                }
                mine.push(group);
                wanted -= 1;
                let (source, _) = group_source(group);
                let (name, joined) = (group_name(group), ago(dice.below(2_000), 0));
                writeln!(out, "{name},{source},{},,{joined}", email(identity))?;
            }
        }
        out.flush()
    }

    fn write_accounts(self, folder: &Path) -> io::Result<()> {
        let mut dice = Dice::new(self.seed, 3);
        let apps = Zipf::new(APPS);
        let mut accounts = table(folder, "accounts.csv")?;
        let mut activity = table(folder, "activity.csv")?;
        let mut grants = table(folder, "grants.csv")?;
        writeln!(accounts, "app,username,email,status,created_at,expires_at")?;
        writeln!(activity, "app,username,source,last_login_at,last_activity_at")?;
        writeln!(grants, "app,username,permission,granted_at")?;
        let mut mine = Vec::new();
        for account in 0..self.accounts {
            let identity = account / ACCOUNTS_PER_IDENTITY;
            if account % ACCOUNTS_PER_IDENTITY == 0 {
                mine.clear();
            }
            let mut app = apps.draw(&mut dice);
            while mine.contains(&app) {
                app = (app + 1) % APPS;
            }
            mine.push(app);
            let orphan = dice.below(100) == 0;
            let (username, owner) = if orphan {
                (format!("svc-{account}"), String::new())
            } else {
                (format!("user{identity}"), email(identity))
            };
            let app = app_name(app);
            let status = if dice.below(50) == 0 { "suspended" } else { "active" };
            let created = ago(dice.below(2_500) + 120, 0);
            let expires = match dice.below(50) {
                0 => ago(0, dice.below(400)),
                _ => String::new(),
            };
            writeln!(accounts, "{app},{username},{owner},{status},{created},{expires}")?;
            write_activity(&mut dice, &mut activity, &app, &username)?;
            let first = dice.below(PERMISSIONS_PER_APP);
            for next in 0..=dice.below(4) {
                let permission = (first + next * next) % PERMISSIONS_PER_APP;
                writeln!(grants, "{app},{username},perm_{permission},{created}")?;
            }
        }
        accounts.flush()?;
        activity.flush()?;
        grants.flush()
    }
}

/// A fifth of the accounts was not seen for 90 days, and one in 25 never.
fn write_activity(
    dice: &mut Dice,
    out: &mut impl Write,
    app: &str,
    username: &str,
) -> io::Result<()> {
    if dice.below(25) == 0 {
        return Ok(());
    }
    // Exponential with a mean of 56 days, at most three years.
    let age = -(1.0 - dice.unit()).ln() * 56.0 * 86_400.0;
    let login = NOW.before(Duration((age as i64).min(3 * 365 * 86_400)));
    let active = match dice.below(10) {
        0..6 => login.after(Duration(dice.below(28_800) as i64)).min(NOW).to_string(),
        _ => String::new(),
    };
    let source = if dice.below(7) == 0 { "okta" } else { app };
    writeln!(out, "{app},{username},{source},{login},{active}")?;
    if dice.below(20) == 0 && source == app {
        writeln!(out, "{app},{username},okta,{login},")?;
    }
    Ok(())
}

fn table(folder: &Path, name: &str) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 20, File::create(folder.join(name))?))
}

/// The address of the person of that number.
pub(crate) fn email(identity: u64) -> String {
    format!("user{identity}@acme.example")
}

/// The app of that number; low numbers have more accounts.
pub(crate) fn app_name(app: u64) -> String {
    format!("app{app:02}")
}

/// The group of that number; low numbers have more members.
pub(crate) fn group_name(group: u64) -> String {
    match group {
        0 => "Execs".to_owned(),
        1 => "Everyone".to_owned(),
        2 => "Contractors".to_owned(),
        _ => format!("Team {group}"),
    }
}

fn group_source(group: u64) -> (&'static str, &'static str) {
    if group % 10 == 9 { ("google", "email") } else { ("okta", "idp") }
}

fn ago(before: u64, after: u64) -> String {
    let day = NOW
        .before(Duration::days(before as i64))
        .after(Duration::days(after as i64));
    day.to_string().split('T').next().unwrap_or_default().to_owned()
}

fn pick<'a>(from: &[&'a str], number: u64) -> &'a str {
    from[number as usize % from.len()]
}

/// Random numbers that are the same every time (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of a seed; each purpose has its own, so that none disturbs another.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self(seed.wrapping_mul(31).wrapping_add(purpose))
    }

    /// Any number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    /// A number from 0 up to, not including, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Draws low numbers more often: the n-th with weight 1/n.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(count: u64) -> Self {
        let mut sum = 0.0;
        let weights = (1..=count).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self(weights.collect())
    }

    fn draw(&self, dice: &mut Dice) -> u64 {
        let total = self.0.last().copied().unwrap_or_default();
        let point = dice.unit() * total;
        self.0.partition_point(|sum| *sum <= point) as u64
    }
}
