//! The words that are known.

/// Words of grammar and of requests: never keywords.
pub(super) const STOP: &str = " a about across after against all also am among an and any are as at be been \
    before being best but by can could did do does during each every few find for from get give had \
    has have he her here his how i if ignore in instruction into is it its know let list like look \
    may me might more most much many must my need no nor not of on only or other our out over per \
    please previous prompt provide search shall she should show since so some such summarise \
    summarize tell than that the their them then there these they this those through to under until \
    up us versus via vs want was we were what when which while who whom whose why will with within \
    without would write you your analyse analyze analysing analyzing assess compare comparing create \
    describe discuss evaluate examine explain explore investigate make understand ";

/// Words that say little about what is looked for: never keywords, and no field answers them.
pub(super) const GENERIC: &str = " analysis annual based big ceo change chief company comparison corporate \
    current data detail development difference director driven effect emerging enterprise europe \
    european example executive fact figure firm first future global group holding impact important \
    information insight international key kind large largest last late latest leader leading led \
    level main major medium method month monthly national new news next now number one organisation \
    organization past powered quarter quarterly question rate ratio recent related report research \
    review role share small source start state statistic status study success ten theme thing three \
    time today top topic total two type usa value various way week world worldwide year yearly ";

/// Words that ask about fields of the data: never keywords.
pub(super) const ASPECTS: [(&str, &[&str]); 64] = [
    ("revenue", REVENUE),
    ("sale", REVENUE),
    ("turnover", REVENUE),
    ("income", REVENUE),
    ("earning", REVENUE),
    ("growth", GROWTH),
    ("grow", GROWTH),
    ("growing", GROWTH),
    ("trend", GROWTH),
    ("forecast", GROWTH),
    ("outlook", GROWTH),
    ("momentum", GROWTH),
    ("profit", PROFIT),
    ("profitability", PROFIT),
    ("profitable", PROFIT),
    ("margin", PROFIT),
    ("loss", PROFIT),
    ("financial", FINANCIAL),
    ("financially", FINANCIAL),
    ("performance", FINANCIAL),
    ("perform", FINANCIAL),
    ("result", FINANCIAL),
    ("economics", FINANCIAL),
    ("valuation", FINANCIAL),
    ("investment", FINANCIAL),
    ("investor", FINANCIAL),
    ("market", MARKET),
    ("competition", MARKET),
    ("competitor", MARKET),
    ("competitive", MARKET),
    ("landscape", MARKET),
    ("industry", &["industry"]),
    ("sector", &["industry"]),
    ("segment", &["industry"]),
    ("business", &["industry", "description"]),
    ("adoption", &["industry", "description"]),
    ("usage", &["description"]),
    ("use", &["description"]),
    ("product", &["description"]),
    ("service", &["description"]),
    ("offering", &["description"]),
    ("overview", &["description"]),
    ("profile", &["description"]),
    ("description", &["description"]),
    ("strategy", &["description"]),
    ("innovation", &["description"]),
    ("employee", &["employees"]),
    ("employment", &["employees"]),
    ("staff", &["employees"]),
    ("workforce", &["employees"]),
    ("headcount", &["employees"]),
    ("hiring", &["employees"]),
    ("size", &["employees", "revenue"]),
    ("founded", &["founded"]),
    ("founding", &["founded"]),
    ("founder", &["founded"]),
    ("history", &["founded", "description"]),
    ("age", &["founded"]),
    ("headquarter", &["headquarters"]),
    ("headquartered", &["headquarters"]),
    ("location", &["headquarters"]),
    ("where", &["headquarters"]),
    ("website", &["website"]),
    ("homepage", &["website"]),
];

const REVENUE: &[&str] = &["revenue", "financial_data.annual_revenue"];
const GROWTH: &[&str] = &["financial_data.growth_rate"];
const PROFIT: &[&str] = &["financial_data.profit_margin"];
const MARKET: &[&str] = &["industry", "revenue"];
const FINANCIAL: &[&str] = &[
    "revenue",
    "financial_data.annual_revenue",
    "financial_data.growth_rate",
    "financial_data.profit_margin",
];

/// Words of industries: keywords, and what else companies of the industry have in their names.
pub(super) const INDUSTRIES: [(&str, &[&str]); 62] = [
    ("advertising", &["media", "ads"]),
    ("aerospace", &["aero", "space"]),
    ("agriculture", &["agri", "farm"]),
    ("ai", &["intelligence", "robot"]),
    ("airline", &["air"]),
    ("automotive", &["auto", "motor"]),
    ("aviation", &["air"]),
    ("bank", &["financial", "capital"]),
    ("banking", &["bank", "financial"]),
    ("battery", &["energy", "power"]),
    ("biotech", &["bio"]),
    ("biotechnology", &["biotech", "bio"]),
    ("blockchain", &["chain", "crypto"]),
    ("car", &["auto", "motor"]),
    ("chemical", &["chem"]),
    ("chip", &["semiconductor", "micro"]),
    ("cloud", &["computing"]),
    ("computing", &["comput"]),
    ("construction", &["build"]),
    ("crypto", &["coin", "chain"]),
    ("cryptocurrency", &["crypto", "coin"]),
    ("cybersecurity", &["cyber", "security"]),
    ("defence", &["defense"]),
    ("defense", &["defence"]),
    ("e-commerce", &["commerce", "shop"]),
    ("ecommerce", &["commerce", "shop"]),
    ("education", &["learn", "edu"]),
    ("electronics", &["electr"]),
    ("energy", &["power", "solar"]),
    ("entertainment", &["media", "studio"]),
    ("fashion", &["apparel", "wear"]),
    ("finance", &["financial", "bank", "capital"]),
    ("fintech", &["finance", "bank", "pay"]),
    ("food", &["foods"]),
    ("game", &["gaming"]),
    ("gaming", &["game"]),
    ("health", &["medical", "care"]),
    ("healthcare", &["health", "medical"]),
    ("hotel", &["hospitality"]),
    ("insurance", &["insur"]),
    ("logistic", &["freight", "transport"]),
    ("manufacturing", &["manufactur"]),
    ("media", &["studio"]),
    ("medical", &["health", "med"]),
    ("medicine", &["medic", "health"]),
    ("mining", &["mine", "mineral"]),
    ("oil", &["petrol", "energy"]),
    ("payment", &["pay"]),
    ("pharma", &["pharmaceutical"]),
    ("pharmaceutical", &["pharma"]),
    ("retail", &["store", "shop"]),
    ("robotics", &["robot"]),
    ("semiconductor", &["semi", "chip"]),
    ("software", &["soft", "systems"]),
    ("solar", &["energy", "sun"]),
    ("technology", &["tech"]),
    ("telecom", &["tele", "communication"]),
    ("telecommunication", &["telecom", "tele"]),
    ("tourism", &["tour", "travel"]),
    ("transport", &["transit", "freight"]),
    ("travel", &["tour"]),
    ("vehicle", &["auto", "motor"]),
];

/// Legal forms that are nothing else, and those that are only when they are capitalised.
pub(super) const LEGAL: &str =
    " corp corporation gmbh inc incorporated kgaa llc llp ltd oyj plc pty ";
pub(super) const LEGAL_IF_CAPITAL: &str =
    " ab ag as asa bv co company kg kk limited nv oy sa sarl sas se spa srl ";

/// What links words of one name.
pub(super) const LINKS: &str = " & of da de der di du la van von ";
