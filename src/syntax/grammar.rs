//! The grammar as pest compiles it, and how each of its rules is said aloud.

use pest_derive::Parser;

/// The parser of items and conditions.
#[derive(Debug, Parser)]
#[grammar = "grammar/lexical.pest"]
#[grammar = "grammar/item.pest"]
#[grammar = "grammar/policy.pest"]
#[grammar = "grammar/condition.pest"]
#[grammar = "grammar/step.pest"]
#[grammar = "grammar/test.pest"]
pub(super) struct Grammar;

/// What a person calls that which a rule matches; `None` for rules that are never what
/// somebody forgot to write.
#[expect(clippy::too_many_lines, reason = "one line for each rule of the grammar")]
pub(super) fn say(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::kw_access => "`access`",
        Rule::kw_accept | Rule::call_accept => "`accept`",
        Rule::kw_account => "`account`",
        Rule::kw_accounts => "`accounts`",
        Rule::kw_activation => "`activation`",
        Rule::kw_active => "`active`",
        Rule::kw_add => "`add`",
        Rule::kw_after | Rule::after => "`after`",
        Rule::kw_all => "`all`",
        Rule::kw_always => "`always`",
        Rule::kw_and => "`and`",
        Rule::kw_app => "`app`",
        Rule::kw_apps => "`apps`",
        Rule::kw_as => "`as`",
        Rule::kw_ask => "`ask`",
        Rule::kw_assign => "`assign`",
        Rule::kw_at => "`at`",
        Rule::kw_bearer => "`bearer`",
        Rule::kw_activity => "`activity`",
        Rule::kw_attribute => "`attribute`",
        Rule::kw_before => "`before`",
        Rule::kw_body => "`body`",
        Rule::kw_by => "`by`",
        Rule::kw_call | Rule::call => "`call`",
        Rule::kw_cancel => "`cancel`",
        Rule::kw_changed => "`changed`",
        Rule::kw_change => "`change`",
        Rule::kw_contains => "`contains`",
        Rule::kw_count => "`count`",
        Rule::kw_created => "`created`",
        Rule::kw_day => "`day`",
        Rule::kw_define => "`define`",
        Rule::kw_delete => "`delete`",
        Rule::kw_disable => "`disable`",
        Rule::kw_disabled => "`disabled`",
        Rule::kw_edition => "`edition`",
        Rule::kw_end => "`end`",
        Rule::kw_ends => "`ends`",
        Rule::kw_env => "`env`",
        Rule::kw_escalate => "`escalate`",
        Rule::kw_event => "`event`",
        Rule::kw_every => "`every`",
        Rule::kw_except => "`except`",
        Rule::kw_expired => "`expired`",
        Rule::kw_failed => "`failed`",
        Rule::kw_file => "`file`",
        Rule::kw_flow => "`flow`",
        Rule::kw_for | Rule::held | Rule::window => "`for`",
        Rule::kw_from => "`from`",
        Rule::kw_grants => "`grants`",
        Rule::kw_group => "`group`",
        Rule::kw_groups => "`groups`",
        Rule::kw_has => "`has`",
        Rule::kw_header | Rule::call_header => "`header`",
        Rule::kw_hour => "`hour`",
        Rule::kw_if => "`if`",
        Rule::kw_ignored => "`ignored`",
        Rule::kw_in => "`in`",
        Rule::kw_inactive => "`inactive`",
        Rule::kw_including => "`including`",
        Rule::kw_is => "`is`",
        Rule::kw_json | Rule::call_json => "`json`",
        Rule::kw_joined => "`joined`",
        Rule::kw_keep => "`keep`",
        Rule::kw_kept => "`kept`",
        Rule::kw_known => "`known`",
        Rule::kw_larger => "`larger`",
        Rule::kw_left => "`left`",
        Rule::kw_lifecycle => "`lifecycle`",
        Rule::kw_limit => "`limit`",
        Rule::kw_logins => "`logins`",
        Rule::kw_matches => "`matches`",
        Rule::kw_mfa => "`mfa`",
        Rule::kw_minute => "`minute`",
        Rule::kw_month => "`month`",
        Rule::kw_never => "`never`",
        Rule::kw_none => "`none`",
        Rule::kw_not => "`not`",
        Rule::kw_notify => "`notify`",
        Rule::kw_of => "`of`",
        Rule::kw_on => "`on`",
        Rule::kw_once => "`once`",
        Rule::kw_only => "`only`",
        Rule::kw_or => "`or`",
        Rule::kw_otherwise => "`otherwise`",
        Rule::kw_owner => "`owner`",
        Rule::kw_password => "`password`",
        Rule::kw_permission => "`permission`",
        Rule::kw_permissions => "`permissions`",
        Rule::kw_policy => "`policy`",
        Rule::kw_rank => "`rank`",
        Rule::kw_reaches => "`reaches`",
        Rule::kw_rejected => "`rejected`",
        Rule::kw_remind | Rule::remind => "`remind`",
        Rule::kw_remove => "`remove`",
        Rule::kw_report => "`report`",
        Rule::kw_request => "`request`",
        Rule::kw_require => "`require`",
        Rule::kw_restart => "`restart`",
        Rule::kw_retry | Rule::call_retry => "`retry`",
        Rule::kw_reviewers => "`reviewers`",
        Rule::kw_revoke => "`revoke`",
        Rule::kw_role => "`role`",
        Rule::kw_roles => "`roles`",
        Rule::kw_run => "`run`",
        Rule::kw_secret => "`secret`",
        Rule::kw_session => "`session`",
        Rule::kw_sessions => "`sessions`",
        Rule::kw_set => "`set`",
        Rule::kw_since => "`since`",
        Rule::kw_skip => "`skip`",
        Rule::kw_smaller => "`smaller`",
        Rule::kw_snooze => "`snooze`",
        Rule::kw_starts => "`starts`",
        Rule::kw_subject => "`subject`",
        Rule::kw_suspend => "`suspend`",
        Rule::kw_suspended => "`suspended`",
        Rule::kw_task => "`task`",
        Rule::kw_template => "`template`",
        Rule::kw_test => "`test`",
        Rule::kw_the => "`the`",
        Rule::kw_then => "`then`",
        Rule::kw_timeout | Rule::call_timeout => "`timeout`",
        Rule::kw_to => "`to`",
        Rule::kw_unassign => "`unassign`",
        Rule::kw_unknown => "`unknown`",
        Rule::kw_until => "`until`",
        Rule::kw_updated => "`updated`",
        Rule::kw_url => "`url`",
        Rule::kw_user => "`user`",
        Rule::kw_users => "`users`",
        Rule::kw_verify => "`verify`",
        Rule::kw_wait => "`wait`",
        Rule::kw_webhook => "`webhook`",
        Rule::kw_when => "`when`",
        Rule::kw_with | Rule::bearer => "`with`",
        Rule::kw_ago => "`ago`",
        Rule::kw_asked => "`asked`",
        Rule::kw_decides => "`decides`",
        Rule::kw_deprovision => "`deprovision`",
        Rule::kw_editable => "`editable`",
        Rule::kw_expect => "`expect`",
        Rule::kw_given => "`given`",
        Rule::kw_grant => "`grant`",
        Rule::kw_logs => "`logs`",
        Rule::kw_match => "`match`",
        Rule::kw_no => "`no`",
        Rule::kw_ran => "`ran`",
        Rule::kw_self => "`self`",
        Rule::kw_take => "`take`",
        Rule::bare_name
        | Rule::name
        | Rule::name_ref
        | Rule::line_ref
        | Rule::fact_ref
        | Rule::grant_ref
        | Rule::subject_name => "a name",
        Rule::path | Rule::state_path | Rule::attribute | Rule::item_path => {
            "an attribute"
        }
        Rule::who_path | Rule::people | Rule::who => "a person",
        Rule::text_block | Rule::text_line | Rule::message => "a text",
        Rule::email => "an e-mail address",
        Rule::date => "a date",
        Rule::instant => "an instant",
        Rule::time_of_day => "a time such as `09:00`",
        Rule::zone => "a time zone",
        Rule::percent => "a percentage",
        Rule::amount => "a number",
        Rule::open | Rule::group => "`(`",
        Rule::close => "`)`",
        Rule::comma => "`,`",
        Rule::op_ge => "`>=`",
        Rule::op_le => "`<=`",
        Rule::op_ne => "`!=`",
        Rule::op_eq => "`=`",
        Rule::op_lt => "`<`",
        Rule::op_gt => "`>`",
        Rule::weekday => "a day of the week",
        Rule::method => "a method such as `POST`",
        Rule::condition
        | Rule::term
        | Rule::test
        | Rule::verified
        | Rule::verified_term => "a condition",
        Rule::comparison => "a comparison",
        Rule::value | Rule::fact_value | Rule::changed_value => "a value",
        Rule::event => "an event",
        Rule::length => "a duration such as `7d`",
        Rule::step => "a step",
        Rule::EOI
        | Rule::WHITESPACE
        | Rule::COMMENT
        | Rule::name_start
        | Rule::name_char
        | Rule::text
        | Rule::foreign_text
        | Rule::email_char
        | Rule::loose_unit
        | Rule::state_value
        | Rule::foreign_op
        | Rule::foreign_phrase
        | Rule::foreign_known
        | Rule::foreign_text_test
        | Rule::between_word
        | Rule::within_word
        | Rule::foreign_in
        | Rule::stray_subject
        | Rule::foreign_date
        | Rule::date_sign
        | Rule::loose_time
        | Rule::inner_except
        | Rule::foreign_call
        | Rule::loose_list
        | Rule::between
        | Rule::within
        | Rule::stray_when
        | Rule::foreign_if
        | Rule::foreign_and
        | Rule::foreign_or
        | Rule::foreign_not
        | Rule::foreign_except
        | Rule::foreign_when
        | Rule::foreign_then
        | Rule::foreign_every
        | Rule::foreign_otherwise
        | Rule::month_day
        | Rule::loose_head
        | Rule::item
        | Rule::condition_line
        | Rule::bad_item
        | Rule::edition
        | Rule::policy
        | Rule::policy_name
        | Rule::gap
        | Rule::curly
        | Rule::field_name
        | Rule::condition_word
        | Rule::bare_policy
        | Rule::app
        | Rule::app_ref
        | Rule::app_field
        | Rule::app_head
        | Rule::app_activity
        | Rule::app_deprovision
        | Rule::app_permission
        | Rule::app_permission_ref
        | Rule::app_step
        | Rule::app_phrase
        | Rule::app_by
        | Rule::bad_app_field
        | Rule::attribute_item
        | Rule::attribute_type
        | Rule::editable
        | Rule::lifecycle
        | Rule::lifecycle_state
        | Rule::state_meaning
        | Rule::bad_line
        | Rule::blank
        | Rule::bad_state
        | Rule::group_item
        | Rule::group_source
        | Rule::never
        | Rule::never_what
        | Rule::take_access
        | Rule::never_step
        | Rule::bad_never_step
        | Rule::test_item
        | Rule::part_head
        | Rule::bad_part
        | Rule::part_rest
        | Rule::part_lead
        | Rule::test_policy
        | Rule::test_given
        | Rule::given_account
        | Rule::given_user
        | Rule::given_grant
        | Rule::in_app
        | Rule::fact
        | Rule::fact_end
        | Rule::fact_head
        | Rule::fact_word
        | Rule::fact_path
        | Rule::fact_owner
        | Rule::fact_permission
        | Rule::fact_group
        | Rule::fact_role
        | Rule::fact_ago
        | Rule::fact_is
        | Rule::fact_equals
        | Rule::bad_fact
        | Rule::expect
        | Rule::happening
        | Rule::outcome
        | Rule::outcome_state
        | Rule::part_prefix
        | Rule::fact_prefix
        | Rule::define
        | Rule::webhook
        | Rule::url
        | Rule::secret
        | Rule::timeout
        | Rule::retry
        | Rule::header
        | Rule::template
        | Rule::subject
        | Rule::body
        | Rule::field_head
        | Rule::bad_field
        | Rule::field_line
        | Rule::leftover
        | Rule::more_name
        | Rule::names
        | Rule::reserved
        | Rule::clause
        | Rule::clause_head
        | Rule::clause_end
        | Rule::for_clause
        | Rule::in_apps
        | Rule::every_clause
        | Rule::every_month
        | Rule::every_day
        | Rule::every_week
        | Rule::every_span
        | Rule::at_time
        | Rule::bare_zone
        | Rule::half_day
        | Rule::zone_word
        | Rule::foreign_all
        | Rule::app_names
        | Rule::app_joint
        | Rule::when_clause
        | Rule::except_clause
        | Rule::reviewers_clause
        | Rule::limit_clause
        | Rule::limit_none
        | Rule::limit_pair
        | Rule::limit_size
        | Rule::then_clause
        | Rule::outcome_clause
        | Rule::once_clause
        | Rule::on_clause
        | Rule::before_clause
        | Rule::cancel_clause
        | Rule::restart_clause
        | Rule::require_clause
        | Rule::always_clause
        | Rule::otherwise_clause
        | Rule::everybody
        | Rule::activity_clause
        | Rule::activity_sources
        | Rule::signs
        | Rule::count_clause
        | Rule::rank_clause
        | Rule::rank_set
        | Rule::report_clause
        | Rule::including
        | Rule::bad_clause
        | Rule::same_clause
        | Rule::field_like
        | Rule::odd_name
        | Rule::required
        | Rule::required_term
        | Rule::required_end
        | Rule::bad_required
        | Rule::events
        | Rule::event_joint
        | Rule::event_end
        | Rule::user_created
        | Rule::user_updated
        | Rule::mfa_updated
        | Rule::user_suspended
        | Rule::group_joined
        | Rule::group_left
        | Rule::access_rejected
        | Rule::access_expired
        | Rule::event_named
        | Rule::request_made
        | Rule::attribute_changed
        | Rule::changed_from
        | Rule::changed_to
        | Rule::changed_values
        | Rule::by_origins
        | Rule::bad_event
        | Rule::join
        | Rule::negation
        | Rule::term_end
        | Rule::bad_condition
        | Rule::in_group
        | Rule::has_permission
        | Rule::has_role
        | Rule::has_session
        | Rule::has_account
        | Rule::never_active
        | Rule::inactive
        | Rule::elapsed
        | Rule::reaches
        | Rule::attribute_test
        | Rule::known
        | Rule::text_test
        | Rule::one_of
        | Rule::steps
        | Rule::good_step
        | Rule::step_end
        | Rule::step_head
        | Rule::bad_step
        | Rule::ask
        | Rule::notify
        | Rule::escalate
        | Rule::if_ignored
        | Rule::wait
        | Rule::run_webhook
        | Rule::add_to_group
        | Rule::remove_from_group
        | Rule::disable_account
        | Rule::step_form
        | Rule::plain_step
        | Rule::task
        | Rule::snooze
        | Rule::run_flow
        | Rule::argument
        | Rule::assign_role
        | Rule::unassign_role
        | Rule::revoke_permission
        | Rule::set
        | Rule::all_of
        | Rule::remove_access
        | Rule::unassign_from_app
        | Rule::delete_account
        | Rule::disable_user
        | Rule::suspend_user
        | Rule::delete_user
        | Rule::require_password_change
        | Rule::end_sessions
        | Rule::verify
        | Rule::verified_join
        | Rule::verified_end
        | Rule::bad_verified
        | Rule::call_part
        | Rule::token
        | Rule::flow
        | Rule::flow_name
        | Rule::flow_head
        | Rule::parameters
        | Rule::parameter
        | Rule::flow_call
        | Rule::bad_call
        | Rule::verify_prefix
        | Rule::call_prefix
        | Rule::step_whole
        | Rule::app_owner
        | Rule::group_members
        | Rule::or_skip
        | Rule::chunk
        | Rule::bracketed
        | Rule::word
        | Rule::sign
        | Rule::head
        | Rule::test_prefix
        | Rule::length_alone
        | Rule::text_elsewhere
        | Rule::list_close
        | Rule::regex_word
        | Rule::step_prefix
        | Rule::clause_prefix
        | Rule::for_head
        | Rule::every_head
        | Rule::limit_head
        | Rule::reviewers_head
        | Rule::once_head
        | Rule::require_head
        | Rule::activity_head
        | Rule::count_head
        | Rule::rank_head
        | Rule::report_head
        | Rule::on_head
        | Rule::event_prefix => return None,
    })
}
