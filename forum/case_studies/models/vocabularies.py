"""The words of an agreement: keys are stored, labels and definitions are ours (schema.md section 1)."""

from __future__ import annotations

from forum.core.vocabulary import Term, Vocabulary

PARTS = Vocabulary.of(
    lead="Lead",
    host_employer="Host employer",
    fiscal_agent="Fiscal agent",
    provider="Provider",
    recipient="Recipient",
    equal_partner="Equal partner",
    funder="Funder",
    asset_owner="Owner",
    convener="Convener",
)


def _level(group: str, *terms: tuple[str, str, str]) -> list[Term]:
    """Terms of one group."""
    return [Term(key, label, hint, group) for key, label, hint in terms]


# Loosest to tightest; `group` is the level, headed by ARRANGEMENT_LEVELS.
ARRANGEMENTS = Vocabulary(
    *_level(
        "1",
        ("informal_cooperation", "Handshake cooperation", "Parties help or coordinate with nothing binding"),
        ("mutual_aid", "Mutual or automatic aid", "Each helps the other on call, usually without charge"),
        ("equipment_sharing", "Equipment sharing", "Vehicles, tools or supplies are lent or owned together"),
    ),
    *_level(
        "2",
        ("joint_purchasing", "Joint purchasing", "Parties buy together or use one party's contract"),
        (
            "facility_sharing",
            "Shared use of a facility",
            "One party's building or land is used by others on a schedule",
        ),
        ("shared_position", "Shared employee", "One person or team works for two or more parties"),
        (
            "intergovernmental_contract",
            "Service bought from another government",
            "One public body provides, another pays",
        ),
        (
            "public_private_contract",
            "Service bought from a business",
            "A company delivers a public service under contract",
        ),
        (
            "public_nonprofit",
            "Nonprofit operates or delivers",
            "A nonprofit runs a program or facility with public support",
        ),
        ("grant_support", "Grant or subsidy to a partner", "Public money supports a partner's own service"),
        (
            "lease_concession",
            "Lease, license or concession",
            "A partner occupies or operates public property for rent, fees or duties",
        ),
        (
            "volunteer_coproduction",
            "Volunteers and friends groups",
            "Residents do part of the work under an agreement",
        ),
    ),
    *_level(
        "3",
        (
            "joint_program",
            "Joint program, shared direction",
            "Parties fund and steer one program together, no new entity",
        ),
        ("pool", "Insurance or benefits pool", "Parties pool risk or benefits under common rules"),
        ("regional_program", "Run by a regional council", "A regional body delivers for its members"),
        (
            "public_private_partnership",
            "Public-private partnership",
            "Long-term deal that shares investment and risk",
        ),
        (
            "boundary_revenue",
            "Boundary or revenue-sharing agreement",
            "Parties settle growth, land or tax-base questions",
        ),
    ),
    *_level(
        "4",
        (
            "joint_powers_entity",
            "Joint powers body",
            "A board or authority created by agreement delivers the service",
        ),
        ("consolidated_department", "Consolidated department", "Departments are merged and run as one"),
        (
            "special_district_formed",
            "Special district",
            "A new taxing or governing district takes on the service",
        ),
        ("service_transfer", "Transfer of responsibility", "One body hands the service to another for good"),
    ),
    *_level(
        "-",
        ("other_unsure", "Other / not sure", "A curator helps to classify it"),
    ),
)
ARRANGEMENT_LEVELS = Vocabulary(
    Term("1", "Helping each other"),
    Term("2", "One serves the other"),
    Term("3", "Working as one program"),
    Term("4", "A body or department of its own"),
    Term("-", "Not sure"),
)

STATUSES = Vocabulary.of(
    exploring="Exploring",
    negotiating="Negotiating",
    pilot="Pilot",
    in_effect="In effect",
    under_review="Under review",
    renewed_changed="Renewed with changes",
    expired="Expired",
    ended_by_a_party="Ended by a party",
    ended_by_agreement="Ended by agreement",
    absorbed="Became a merger or district",
    considered_not_pursued="Considered, not pursued",
)
# With one of these a case says why it ended.
ENDED = ("expired", "ended_by_a_party", "ended_by_agreement", "absorbed", "considered_not_pursued")

SPLIT_METHODS = Vocabulary(
    Term("equal", "Equal shares", "Similar-sized partners; small ones may subsidize big ones"),
    Term("per_capita", "By population", "General-benefit services; ignores who uses it"),
    Term("assessed_value", "By property value", "Ability to pay; one big development can swing it"),
    Term("usage", "By measured use", "User-pays; bills swing from year to year"),
    Term("staff_time", "By hours worked", "Shared staff; needs timesheets"),
    Term("households_connections", "By households or connections", "Utilities, waste, inspection"),
    Term("area_miles", "By area or road miles", "Roads, fire cover, mosquito control"),
    Term("fixed_fee", "Flat fee", "Simple; needs an index or it goes stale"),
    Term("per_unit_price", "Price per unit", "Jail beds, lab tests, permits"),
    Term("full_cost", "Provider's actual cost", "Fair to the provider; buyers want a cap"),
    Term("marginal_cost", "Added cost only", "Cheap entry; the host carries the overhead"),
    Term("weighted_formula", "Mix of factors", "The most common compromise; schedule a review"),
    Term("fee_supported", "User fees first, then the gap is split", "Recreation, animal licensing"),
    Term("historical", "Last year's shares, indexed", "Easy start; drifts from reality"),
    Term("in_kind", "Exchange, no money", "Log it, so that both sides see the balance"),
    Term("single_payer", "One party pays", "The host covers all"),
    Term("grant_funded", "Outside grant", "Record the date on which it ends"),
    Term("revenue_share", "Split of income", "Concessions, joint development"),
    Term("other_unknown", "Other / not known"),
)
OVERHEADS = Vocabulary.of(
    included="Overhead included",
    flat_pct="Overhead as a flat percentage",
    not_charged="Overhead not charged",
    unknown="Overhead not known",
)
ADJUSTMENTS = Vocabulary.of(
    annual_true_up="Trued up each year",
    inflation_index="Indexed to inflation",
    cap_on_change="Change is capped",
    floor="Has a floor",
    phase_in="Phased in",
    periodic_review="Reviewed at intervals",
    none="Not adjusted",
)
FEE_KEEPERS = Vocabulary.of(
    provider="Fees kept by the provider",
    shared="Fees shared",
    each_keeps_own="Each keeps its own fees",
    none="No fees",
)

INSTRUMENTS = Vocabulary.of(
    none_verbal="Nothing signed",
    letter_or_mou="Letter or memorandum of understanding",
    resolution_only="Resolution only",
    interlocal_agreement="Interlocal agreement",
    joint_powers_agreement="Joint powers agreement",
    service_contract="Service contract",
    lease_or_license="Lease or license",
    joint_use_agreement="Joint use agreement",
    operating_agreement="Operating agreement",
    purchasing_agreement="Purchasing agreement",
    mutual_aid_compact="Mutual aid compact",
    statute_or_charter="Statute or charter",
    state_mandate="State mandate",
    articles_of_new_entity="Articles of a new entity",
    unknown="Not known",
)
RENEWALS = Vocabulary.of(
    automatic="Renews by itself",
    by_vote="Renewed by vote",
    renegotiate="Renegotiated",
    none="Not renewed",
    unknown="Not known",
)
OVERSIGHTS = Vocabulary.of(
    joint_board="Joint board",
    advisory_committee="Advisory committee",
    lead_agency="Lead agency",
    staff_liaisons="Staff liaisons",
    contract_manager="Contract manager",
    none="Nobody in particular",
)
VOTINGS = Vocabulary.of(
    one_each="One vote each",
    weighted="Weighted votes",
    lead_decides="The lead decides",
    consensus="By consensus",
    none="No votes",
)
EMPLOYERS = Vocabulary.of(
    provider="The provider",
    each_party="Each party",
    new_entity="The new body",
    host="The host",
    contractor="A contractor",
    volunteers="Volunteers",
)
CLAUSES = Vocabulary.of(
    authority="Legal authority",
    parties_definitions="Parties and definitions",
    purpose="Purpose",
    scope_service_levels="Scope and service levels",
    duties="Duties",
    governance="Governance",
    separate_entity="Separate entity",
    cost_split_payment="Cost split and payment",
    max_liability_term="Term and ceiling on obligations",
    property="Property",
    staff="Staff",
    schedule_use="Schedule of use",
    insurance_indemnity="Insurance and indemnity",
    records_audit_reports="Records, audit and reports",
    performance_review="Performance and review",
    disputes="Disputes",
    exit_termination="Exit and termination",
    approval_filing="Approval and filing",
)
COVERED = Vocabulary.of(yes="Covered", no="Not covered", unknown="Not known")

TASK_ROLES = Vocabulary(
    Term("D", "Decides", "Sets the policy or the level of service"),
    Term("P", "Performs", "Does the work"),
    Term("$", "Pays", "Pays for it, wholly or in part"),
    Term("O", "Owns", "Owns the building, land or equipment"),
    Term("M", "Monitors", "Checks that it is done"),
    Term("U", "Uses", "Benefits from it"),
)

COST_CATEGORIES = Vocabulary.of(
    personnel="Staff",
    operating="Operating",
    overhead="Overhead",
    capital="Capital",
    startup="Start-up",
    revenue_offset="Income",
)
PERIODS = Vocabulary.of(one_time="One time", per_year="A year", per_month="A month", per_unit="Per unit")
COST_BASES = Vocabulary.of(actual="Actual", budgeted="Budgeted", estimated="Estimated", anecdotal="Hearsay")

SCHEDULE_KINDS = Vocabulary.of(
    milestone="Milestone",
    recurring_task="Recurring task",
    hours_or_use_window="Hours of use",
    payment_date="Payment",
    report_date="Report",
    review_date="Review",
    deadline="Deadline",
)

MOTIVES = Vocabulary.of(
    save_money="Save money",
    avoid_capital_cost="Avoid a capital cost",
    scale="Gain scale",
    keep_service_alive="Keep a service alive",
    improve_quality="Improve quality",
    add_hours_or_reach="Add hours or reach",
    get_expertise="Get expertise",
    fill_vacancy="Fill a vacancy",
    fairness_of_burden="Share the burden fairly",
    regional_problem="Solve a regional problem",
    comply_with_mandate="Comply with a mandate",
    win_grant="Win a grant",
    build_relations="Build relations",
    community_ownership="Community ownership",
    other="Other",
)
OUTCOME_TYPES = Vocabulary.of(
    cost="Cost",
    service_level="Service level",
    quality_satisfaction="Quality and satisfaction",
    capacity_expertise="Capacity and expertise",
    access_equity="Access and equity",
    asset_use="Use of assets",
    staffing="Staffing",
    speed_backlog="Speed and backlog",
    safety_risk="Safety and risk",
    revenue_grants="Revenue and grants",
    participation_volunteering="Participation and volunteering",
    relationships_trust="Relationships and trust",
    control_accountability="Control and accountability",
    unintended_effect="Unintended effect",
)
DIRECTIONS = Vocabulary.of(
    better="Better", no_change="No change", worse="Worse", mixed="Mixed", too_early="Too early to say"
)
SAVINGS_KINDS = Vocabulary(
    Term("cash_reduction", "Cash reduction", "A budget line fell"),
    Term("avoided_cost", "Avoided cost", "A planned cost was not incurred"),
    Term("freed_staff_time", "Freed staff time", "Hours that can be used for something else"),
    Term("new_revenue", "New revenue", "Income that was not there before"),
    Term("better_service_same_cost", "Same cost, better service", "More for the same money"),
)
OUTCOME_BASES = Vocabulary.of(
    audited="Audited",
    measured="Measured",
    budget_comparison="Budgets compared",
    estimated="Estimated",
    impression="Impression",
)
# "At least measured" when filtering.
MEASURED = ("audited", "measured")

OBSTACLES = Vocabulary.of(
    loss_of_control="Loss of control",
    turf_identity="Turf and identity",
    political_opposition="Political opposition",
    staff_union="Staff or union concerns",
    pay_differences="Pay differences",
    cost_formula="The cost formula",
    startup_cost="Start-up cost",
    legal_uncertainty="Legal uncertainty",
    liability_insurance="Liability and insurance",
    service_level_worry="Worry about service levels",
    trust_history="Trust and history",
    turnover_of_champions="Champions left",
    data_systems="Data and systems",
    uneven_size="Uneven size",
    distance="Distance",
    none_serious="None serious",
)
END_REASONS = Vocabulary(
    *OBSTACLES,
    *Vocabulary.of(
        savings_not_realized="Savings not realized",
        service_problem="Service problem",
        better_option="A better option",
        law_changed="The law changed",
    ),
)

INITIATORS = Vocabulary.of(
    elected="Elected officials",
    manager="A manager",
    department="A department",
    residents="Residents",
    partner="A partner",
    state_mandate="A state mandate",
    grant="A grant",
    crisis="A crisis",
)
STUDIES = Vocabulary.of(
    none="No study",
    internal="An internal study",
    consultant="A consultant's study",
    university="A university's study",
    state_office="A state office's study",
)
APPROVALS = Vocabulary.of(
    council_vote="Council vote",
    board_vote="Board vote",
    referendum="Referendum",
    state_review="State review",
    union_talks="Union talks",
    staff_only="Staff only",
)
SOURCE_KINDS = Vocabulary.of(
    first_hand="Written by a party",
    compiled_documents="Compiled from documents",
    compiled_interview="Compiled from an interview",
    imported="Imported",
)
CONTACT_WAYS = Vocabulary.of(
    site_message="A message on this site", public_email="Public e-mail", none="No contact"
)

CURRENCIES = tuple(
    (
        "USD CAD GBP EUR AUD NZD CHF NOK SEK DKK ISK JPY PLN CZK HUF RON BGN ZAR INR BRL MXN CLP COP KRW CNY HKD "
        "SGD PHP IDR MYR THB ILS TRY KES GHS NGN"
    ).split()
)
