"""Real questions that people bring, and what they must find among the first three, from the starter content.

A name is the kind and slug of a post. Where several are named, each of them must be there.
"""

TABLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    # A service, plainly
    ("shared police chief", ("case:binghamton-johnson-city-shared-police-chief",)),
    ("joint municipal court", ("case:dover-five-town-joint-court", "case:madison-joint-municipal-court")),
    ("shared assessor", ("case:union-vale-lagrange-shared-assessor", "case:tri-town-assessing-new-hampshire")),
    ("affordable housing trust fund", ("case:arch-regional-coalition-for-housing",)),
    ("stormwater partnership", ("case:neponset-stormwater-partnership",)),
    ("community choice electricity", ("case:westchester-power-community-choice",)),
    ("senior center", ("case:south-county-senior-center-massachusetts",)),
    ("performing arts center university", ("case:san-luis-obispo-performing-arts-center",)),
    ("lend building inspectors to another city", (
        "case:hopkins-wayzata-building-inspection", "question:inspector-loan-liability-and-service",
    )),
    ("commuter shuttle", ("case:auburn-lakeland-hills-shuttle",)),
    ("business parks tax sharing", ("case:triangle-north-business-parks",)),
    ("fuel sites shared with schools", ("case:forsyth-county-school-fuel-sites",)),
    ("street sweeper swap", ("case:wilton-jay-livermore-falls-road-crews",)),
    ("nonprofit runs library", (
        "case:samuels-public-library-warren-county", "case:suffolk-libraries-independent-society",
    )),
    ("emergency management organization county", ("case:spokane-county-emergency-management",)),
    ("fire authority", ("case:poudre-fire-authority", "resource:fire-authority")),
    ("trash collection missed", (
        "question:shared-trash-provider-missed-pickups", "case:vineland-acua-trash-collection",
    )),
    ("fleet maintenance for another town", (
        "case:gilbert-queen-creek-fleet", "case:charlotte-mecklenburg-fleet",
    )),
    ("computer consortium", ("case:logis-minnesota-consortium",)),
    ("school gym free use", ("case:maricopa-arizona-school-facilities-iga",)),
    # The trade's own words and acronyms
    ("PSAP consolidation", ("case:flathead-county-911-consolidation",)),
    ("ILA for dispatch", ("case:flagstaff-coconino-dispatch", "case:chillicothe-livingston-county-911")),
    ("9-1-1 center who pays", ("case:flathead-county-911-consolidation",)),
    ("JPA fire district withdrawal", (
        "question:withdrawal-notice-and-damages-clause",
        "resource:centennial-fire-district-joint-powers-agreement-dispute-resolution-and",
    )),
    ("IGA school facilities", ("case:maricopa-arizona-school-facilities-iga",)),
    ("IT", ("case:metro-inet-roseville-it", "question:it-host-city-overloaded")),
    ("GIS", (
        "case:illinois-gis-consortium", "resource:report-on-national-survey-of-multi-organizational-gis-programs",
    )),
    ("EMS rural", ("case:perham-area-ems",)),
    ("MS4", ("resource:pennsylvania-ms4-collaboration-toolkit",)),
    ("COG cooperative purchasing", ("case:mwcog-cooperative-purchasing",)),
    ("FEMA reimbursement mutual aid", ("question:mutual-aid-fema-reimbursement",)),
    ("PD contract price increase", (
        "question:contract-policing-price-escalator", "case:mine-hill-wharton-police-contract",
    )),
    ("rec center run by nonprofit", ("guide:running-a-community-center-with-a-nonprofit",)),
    ("dog catcher contract", ("case:arcadia-pasadena-humane-animal-control",)),
    ("MOU transit cost sharing", (
        "resource:memorandum-of-understanding-for-contracting-operating-and-cost-sharing-for",
    )),
    ("group buying", ("case:mwcog-cooperative-purchasing",)),
    ("leisure centre", ("case:tri-leisure-centre-alberta",)),
    ("sewage plant lawsuit", ("case:mccall-payette-lakes-sewer",)),
    # How do we ...
    ("how do we split dispatch costs", (
        "question:split-dispatch-cost-calls-or-population", "guide:splitting-the-cost-of-shared-dispatch-and-fire",
    )),
    ("how should towns split the cost of a fire department", (
        "guide:splitting-the-cost-of-shared-dispatch-and-fire",
    )),
    ("how do we get out of an agreement", ("guide:ending-or-renegotiating-an-agreement",)),
    ("how do we hand over IT that one city hosts", ("question:it-host-city-overloaded",)),
    ("does merging finance offices save money", ("question:merge-town-school-finance-savings",)),
    ("who approves the budget of a joint board", ("question:joint-board-budget-control",)),
    ("what happens to equipment and pensions when a member leaves", (
        "question:exit-terms-shared-equipment-retirement",
    )),
    ("townships leaving ambulance district", ("question:ambulance-townships-leaving",)),
    ("should we use households or population in the formula", (
        "question:fire-contract-households-or-population",
    )),
    ("city residents taxed twice for 911", ("question:double-taxation-911-city-residents",)),
    ("annexation sewer capacity", ("question:sewer-capacity-annexation-growth",)),
    ("where do I start with shared services", ("guide:first-reading-list-on-sharing-services",)),
    ("what should a cost sharing agreement contain", ("resource:elements-of-a-cost-sharing-agreement",)),
    ("sample joint use agreement schools", ("resource:interlocal-cooperation-in-parks-and-recreation",)),
    ("YMCA runs our community center who pays losses", (
        "case:sammamish-community-aquatic-center-ymca", "case:maplewood-community-center-ymca",
    )),
    # Places
    ("dispatch Montana", ("case:flathead-county-911-consolidation",)),
    ("fire Wisconsin", ("case:milwaukee-metro-fire-rescue",)),
    ("libraries New Zealand", ("case:smart-libraries-wellington-region", "case:wairarapa-library-service-ends")),
    ("Alberta recreation cost sharing", ("case:sturgeon-county-recreation-cost-sharing",)),
    ("police Utah", ("case:unified-police-department-salt-lake",)),
    ("Massachusetts public health", (
        "case:berkshire-public-health-alliance", "resource:inter-municipal-agreement-berkshire-public-health-alliance",
    )),
    ("Vancouver community centres", (
        "case:vancouver-community-centre-associations-joa", "case:west-vancouver-community-centre",
    )),
    ("San Jose library", ("case:san-jose-king-library-city-university",)),
    ("Adelaide food inspection", ("case:eastern-health-authority-adelaide",)),
    ("Oneonta", ("case:oneonta-city-town-fire-ambulance",)),
    ("bus Colorado ski", ("case:the-lift-winter-park-fraser-transit",)),
    # Mistyped
    ("dispach center", ("case:chillicothe-livingston-county-911",)),
    ("libary catalogue", ("case:smart-libraries-wellington-region",)),
    ("polise contract", ("question:contract-policing-price-escalator",)),
    ("ambulence district", ("question:ambulance-townships-leaving",)),
    ("anmal control", ("case:arcadia-pasadena-humane-animal-control",)),
    ("joint purchesing", ("case:mwcog-cooperative-purchasing",)),
    ("comunity center nonproft", ("guide:running-a-community-center-with-a-nonprofit",)),
    ("intergovermental contracts", ("resource:intergovernmental-contracts-motivators-and-obstacles",)),
    ("equiptment sharing towns", ("case:brookfield-equipment-cooperative",)),
    ("homlessness office", ("case:gainesville-alachua-office-on-homelessness",)),
    # What became of it
    ("joint leisure deal ended who subsidizes whom", ("case:maple-ridge-pitt-meadows-joint-leisure",)),
    ("joint department dissolved parks", ("case:vancouver-clark-parks-recreation-split",)),
    ("merger of borough and township", ("case:princeton-municipal-consolidation",)),
    ("health department merger savings", ("case:summit-county-public-health-merger",)),
    ("county withdraws from joint human services", ("case:mnprairie-county-alliance-human-services",)),
    ("council alliance failed savings", ("case:new-england-strategic-alliance-councils",)),
    ("tri-borough shared services divorce", ("case:london-tri-borough",)),
    ("community asset transfer", ("resource:types-of-transfer",)),
    # Narrowed
    ('kind:question service:fire formula', ("question:fire-contract-households-or-population",)),
    ('place:"New Jersey" court', ("case:madison-joint-municipal-court", "case:dover-five-town-joint-court")),
    ('party:YMCA pool', ("case:maplewood-community-center-ymca", "case:sammamish-community-aquatic-center-ymca")),
    ('"trust fund" housing', ("case:arch-regional-coalition-for-housing",)),
    ("kind:resource by:icma survey", (
        "resource:icma-state-of-the-profession-survey-collaboration-among-local-officials",
    )),
    ("fire -dispatch formula Alberta", ("case:carstairs-mountain-view-county-fire",)),
)  # fmt: skip
