//! Every code, once. Its page, `docs/errors/NAME.md`, says the rest.

use crate::diagnose::Page;
use std::fmt;

/// How much the findings of a code weigh, and who may change that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The policy cannot be used; nothing changes that.
    Error,
    /// The policy can be used. It may be allowed, in the file or by the configuration.
    Warning,
}

macro_rules! weight {
    () => {
        Weight::Error
    };
    ($weight:ident) => {
        Weight::$weight
    };
}

/// A line for each code: its variant, its name, its title, and `[Warning]` behind it where it
/// is no error.
macro_rules! codes {
    ($($code:ident $name:literal $title:literal $([$weight:ident])?)*) => {
        /// Which finding; its name is stable for good.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The name that people and programs see.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }

            /// What it means, in one line.
            pub fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }

            /// How much its findings weigh.
            pub fn weight(self) -> Weight {
                match self { $(Self::$code => weight!($($weight)?),)* }
            }
        }
    };
}

codes! {
    FileTooLarge "file-too-large" "a file is larger than 16 MiB"
    NulCharacter "nul-character" "a file holds a NUL character"
    NotUtf8 "not-utf8" "a file holds bytes that are no text"
    LineEnd "line-end" "a line ends where some programs see no end"
    BidiControl "bidi-control" "a character turns the direction in which a text is shown"
    InvisibleCharacter "invisible-character" "a character that nobody sees"
    MergeConflict "merge-conflict" "a file holds the markers of an unresolved merge conflict"
    UnclosedText "unclosed-text" "a text has no closing quote"
    UnbalancedParentheses "unbalanced-parentheses" "a parenthesis has no partner"
    TooDeep "too-deep" "parentheses, `not`s or definitions stand too deep within each other"
    TooLong "too-long" "a condition asks too many questions once its definitions are written out"

    UnknownItem "unknown-item" "something other than an item starts in column 1"
    UnknownClause "unknown-clause" "a word starts no clause"
    UnknownStep "unknown-step" "a word starts no step"
    Syntax "syntax" "something else is expected at this place"
    UnknownEdition "unknown-edition" "an edition that does not exist"
    MisplacedEdition "misplaced-edition" "`edition` does not open the file"
    AmbiguousWhen "ambiguous-when" "a `when` in column 1 follows a policy"
    SecondWhen "second-when" "a file has more than one policy without a name"
    DuplicateClause "duplicate-clause" "a clause or a field stands twice"
    MissingClause "missing-clause" "a clause or a field is missing"
    MisplacedThen "misplaced-then" "a `then` stands before its `when`"

    CapitalLetters "capital-letters" "a keyword has capital letters"
    ForeignOperator "foreign-operator" "an operator or a quote of another language"
    MissingUnit "missing-unit" "a length of time has no unit"
    AmbiguousUnit "ambiguous-unit" "a unit of time that could be two, or that varies in length"
    ExpectedDuration "expected-duration" "a length of time is due"
    MissingOperator "missing-operator" "a comparison has no operator"
    MissingComma "missing-comma" "two steps have no comma between them"
    MixedAndOr "mixed-and-or" "`and` and `or` stand in one row without parentheses"
    BadText "bad-text" "a text holds an escape that does not exist"
    BadDate "bad-date" "a date or an instant that does not exist"
    BadTime "bad-time" "a time of day that does not exist"
    BadNumber "bad-number" "a number is out of range, or not a number"
    BadUrl "bad-url" "an address that nothing can be sent to"
    ReservedHeader "reserved-header" "a header that a webhook cannot set"
    BadPattern "bad-pattern" "a regular expression that cannot be used"
    UnknownZone "unknown-zone" "a time zone that does not exist"
    SecretInFile "secret-in-file" "a secret stands in the file"

    BadJson "bad-json" "a text that is not JSON"
    BadReminder "bad-reminder" "a reminder that does not fit its window, or its place among others"
    BusinessDays "business-days" "business days stand where only elapsed time counts, or beside another unit"

    DuplicateName "duplicate-name" "two items have one name"
    ReservedName "reserved-name" "a definition has a name that means something else"
    CyclicDefinition "cyclic-definition" "a definition refers to itself"
    UnquotedName "unquoted-name" "a name of several words stands without quotes"
    UnquotedText "unquoted-text" "a text stands without quotes"
    WrongKind "wrong-kind" "a name is that of something else"
    AmbiguousName "ambiguous-name" "a name that two sources share"
    AmbiguousAttribute "ambiguous-attribute" "an attribute that accounts and users both have"
    UnknownApp "unknown-app" "no app of that name"
    UnknownAttribute "unknown-attribute" "no attribute of that name"
    UnknownGroup "unknown-group" "no group of that name"
    UnknownPermission "unknown-permission" "no permission of that name"
    UnknownPerson "unknown-person" "nobody is called that, and no attribute names a user so"
    UnknownRole "unknown-role" "no role of that name"
    UnknownSource "unknown-source" "no source of that name"
    UnknownTemplate "unknown-template" "no template of that name"
    UnknownValue "unknown-value" "a value that the attribute cannot have"
    UnknownVariable "unknown-variable" "a template uses what its context lacks"
    UnknownWebhook "unknown-webhook" "no webhook of that name"
    UnknownWord "unknown-word" "a word that is no condition"
    TypeMismatch "type-mismatch" "two sides that cannot be compared"

    NothingToEscalate "nothing-to-escalate" "an `escalate` with nobody asked before"
    NothingToIgnore "nothing-to-ignore" "an `if ignored` with nobody asked before"
    StepInsideReview "step-inside-review" "a step changes something before the review has ended"
    TwoWindows "two-windows" "the length of a window is given twice"

    DuplicateRank "duplicate-rank" "two policies have one rank in a set"
    DuplicateValue "duplicate-value" "a list says something twice"
    MisplacedClause "misplaced-clause" "a clause that does not fit the others of its policy"
    MisplacedEdge "misplaced-edge" "a `reaches` that is not a part of the whole condition"
    TwoReviews "two-reviews" "two arms of a policy ask somebody"
    UnknownEvent "unknown-event" "nothing of that kind happens"
    UnsupportedEvent "unsupported-event" "an event that does not fit the policy"
    UntoldChange "untold-change" "a change that nobody tells of"

    UnsupportedAttribute "unsupported-attribute" "an attribute that the policy's subjects do not have"
    UnsupportedPerson "unsupported-person" "a person that the policy's subjects do not have"
    UnsupportedStep "unsupported-step" "a step that does not fit the policy's subjects"
    UnsupportedTest "unsupported-test" "a question that does not fit the policy's subjects"

    DefaultRole "default-role" "a role that everybody holds is assigned or taken away"
    DeletedRecipient "deleted-recipient" "somebody is told or asked after they were deleted"
    MisplacedSkip "misplaced-skip" "`or skip` stands behind a question"
    MisplacedStep "misplaced-step" "a step stands where it cannot"
    MissingParameter "missing-parameter" "a flow is not given all that it takes"
    NothingToKeep "nothing-to-keep" "an `if kept` with nobody asked before"
    ReadOnlyAttribute "read-only-attribute" "an attribute that follows from something else is set"
    TwoRoles "two-roles" "one step names two roles"
    UnknownParameter "unknown-parameter" "a flow is given what it does not take"
    UnreachableStep "unreachable-step" "a step is about what was deleted before"
    NeverTrue "never-true" "a condition that is true of nobody" [Warning]
    AlwaysTrue "always-true" "a condition that is true of everyone" [Warning]
    ChangesNothing "changes-nothing" "a part of a condition that changes nothing" [Warning]
    RemovalWithoutReview "removal-without-review" "access is taken, and nobody is asked before" [Warning]
    NoException "no-exception" "access is taken from everyone who was away, with no exception" [Warning]
    TurnedException "turned-exception" "an exception for those who are not in a group" [Warning]
    TakesFromActive "takes-from-active" "access is taken from those who were active lately" [Warning]
    GuardInOr "guard-in-or" "`or not in group …` in a policy that takes access" [Warning]
    SessionsLeftOpen "sessions-left-open" "somebody is locked out and stays logged in" [Warning]
    DeleteWithoutWait "delete-without-wait" "something is deleted that was not disabled for a while before" [Warning]
    PoliciesUndoEachOther "policies-undo-each-other" "two policies undo each other's work" [Warning]
    UnknownAddress "unknown-address" "an e-mail address that nobody in the store has" [Warning]
    InactivePerson "inactive-person" "somebody is to be asked who is away or gone" [Warning]
    NeverActiveAlone "never-active-alone" "`never active` without an age beside it" [Warning]
    NoActivity "no-activity" "activity is asked for, and none is on record" [Warning]
    EmptyException "empty-exception" "an exception for a group that has no members" [Warning]
    UnlinkedGroup "unlinked-group" "people leave a group that is not linked to the policy's app" [Warning]
    WrongLayer "wrong-layer" "a permission ends by what takes the whole account" [Warning]
    PrivilegeByOwnAttribute "privilege-by-own-attribute" "a privilege hangs on an attribute that people can change themselves" [Warning]

    EmptyWindow "empty-window" "a question that nobody has time to answer"
    AmbiguousNot "ambiguous-not" "a `not` before a membership that lasts for a while"
    UnitOrder "unit-order" "a sum of lengths has a unit twice, or a smaller one first"
    BlankText "blank-text" "a name or a reason holds nothing"
    EdgeBlanks "edge-blanks" "a compared text begins or ends with a blank" [Warning]
    ExactLength "exact-length" "elapsed time is compared with `=` or `!=`" [Warning]
    NarrowException "narrow-exception" "an exception for those only who are in several groups at once" [Warning]
    ShortWindow "short-window" "less than a day to answer before access is taken" [Warning]
    PointlessQuestion "pointless-question" "somebody is asked, and a decision to remove leads nowhere" [Warning]
    NoSessions "no-sessions" "sessions are asked for, and none is on record" [Warning]
    FixedOffset "fixed-offset" "a time zone that knows no summer time of its own" [Warning]

    NoConnector "no-connector" "a step that no system outside the store would follow" [Warning]
    SessionsOutOfReach "sessions-out-of-reach" "sessions are ended in apps that nothing reaches" [Warning]

    UnknownType "unknown-type" "no type of that name"
    BuiltInAttribute "built-in-attribute" "a built-in attribute declared with another type"
    UnknownFlow "unknown-flow" "no flow of that name"
    UnknownPolicy "unknown-policy" "no policy of that name"
    OutOfOrder "deadlines-out-of-order" "a test goes back in time"
    UnfitSubject "unfit-subject" "a test gives subjects that its policy does not look at"
    UnfitFact "unfit-fact" "a fact that the subject of a test cannot have"
    HarmlessStep "harmless-step" "a `never` forbids a step that changes nothing"
    UnknownAllow "unknown-allow" "an `allow` for a code that does not exist" [Warning]
    AllowOfError "allow-of-error" "an `allow` for what cannot be allowed" [Warning]
    AllowWithoutReason "allow-without-reason" "an `allow` that does not say why" [Warning]
    UnusedAllow "unused-allow" "an `allow` that silences nothing" [Warning]
}

impl Code {
    /// The code of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// What its page says.
    pub fn page(self) -> Option<Page> {
        Page::of(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
