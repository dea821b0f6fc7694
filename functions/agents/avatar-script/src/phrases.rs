//! Sentences around what a brief brings, by language. They promise nothing and press nobody.

use baton_speech::rate::Language;

use crate::Purpose;

/// The sentences of a language. `{brand}`, `{product}`, `{price}`, `{offer}` and `{name}` are slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrases {
    /// Openings: to promote, announce, welcome, explain, win back, thank.
    pub openings: [&'static str; 6],
    /// Greets someone by name.
    pub hello: &'static str,
    /// Greets regulars, people who were away, and people who are new.
    pub greetings: [&'static str; 3],
    /// Shows the product.
    pub product: &'static str,
    /// Says what it costs.
    pub price: &'static str,
    /// Leads to facts.
    pub lead: &'static str,
    /// Leads to the offer.
    pub offer: &'static str,
    /// Asks for a look at the product.
    pub look: &'static str,
    /// Asks for a look where there is no product.
    pub more: &'static str,
    /// What may be said besides, most useful first.
    pub besides: [&'static str; 4],
    /// The last words.
    pub thanks: &'static str,
}

const ENGLISH: Phrases = Phrases {
    openings: [
        "Here is something from {brand} that is worth a look.",
        "{brand} has news for you.",
        "Welcome to {brand}.",
        "Let me show you something from {brand}.",
        "It has been a while, and {brand} would like to see you again.",
        "{brand} would like to thank you.",
    ],
    hello: "Hello {name}.",
    greetings: [
        "It is good to have you with us.",
        "It is good to see you again.",
        "It is nice to meet you.",
    ],
    product: "This is {product}.",
    price: "It costs {price}.",
    lead: "Here is what you should know.",
    offer: "And this is the offer.",
    look: "Have a look at {product}.",
    more: "Find out more at {brand}.",
    besides: [
        "Take a moment, and see whether it suits you.",
        "You know best what matters to you.",
        "Look at it closely, and compare it with what you have.",
        "That is all of it, in a few words.",
    ],
    thanks: "Thank you for listening.",
};

const FRENCH: Phrases = Phrases {
    openings: [
        "Voici quelque chose de {brand} qui mérite un coup d'œil.",
        "{brand} a des nouvelles pour vous.",
        "Bienvenue chez {brand}.",
        "Laissez-moi vous montrer quelque chose de {brand}.",
        "Cela fait un moment, et {brand} aimerait vous revoir.",
        "{brand} tient à vous remercier.",
    ],
    hello: "Bonjour {name}.",
    greetings: [
        "Merci d'être des nôtres.",
        "C'est un plaisir de vous revoir.",
        "C'est un plaisir de vous rencontrer.",
    ],
    product: "Voici {product}.",
    price: "Son prix : {price}.",
    lead: "Voici ce qu'il faut savoir.",
    offer: "Et voici l'offre.",
    look: "Jetez un coup d'œil à {product}.",
    more: "Découvrez-en plus chez {brand}.",
    besides: [
        "Prenez un instant, et voyez si cela vous convient.",
        "Vous savez mieux que personne ce qui compte pour vous.",
        "Regardez de près, et comparez avec ce que vous avez.",
        "Voilà l'essentiel, en quelques mots.",
    ],
    thanks: "Merci de votre écoute.",
};

const GERMAN: Phrases = Phrases {
    openings: [
        "Hier ist etwas von {brand}, das einen Blick wert ist.",
        "{brand} hat Neuigkeiten für Sie.",
        "Willkommen bei {brand}.",
        "Ich zeige Ihnen etwas von {brand}.",
        "Es ist eine Weile her, und {brand} würde Sie gerne wiedersehen.",
        "{brand} möchte Ihnen danken.",
    ],
    hello: "Hallo {name}.",
    greetings: [
        "Schön, dass Sie bei uns sind.",
        "Schön, Sie wiederzusehen.",
        "Schön, Sie kennenzulernen.",
    ],
    product: "Das ist {product}.",
    price: "Der Preis: {price}.",
    lead: "Das sollten Sie wissen.",
    offer: "Und das ist das Angebot.",
    look: "Schauen Sie sich {product} an.",
    more: "Mehr dazu bei {brand}.",
    besides: [
        "Nehmen Sie sich einen Moment, und sehen Sie, ob es zu Ihnen passt.",
        "Sie wissen am besten, was Ihnen wichtig ist.",
        "Sehen Sie genau hin, und vergleichen Sie es mit dem, was Sie haben.",
        "Das ist alles, in wenigen Worten.",
    ],
    thanks: "Danke fürs Zuhören.",
};

const SPANISH: Phrases = Phrases {
    openings: [
        "Aquí hay algo de {brand} que merece una mirada.",
        "{brand} tiene novedades para usted.",
        "Le damos la bienvenida a {brand}.",
        "Permítame mostrarle algo de {brand}.",
        "Ha pasado un tiempo, y a {brand} le gustaría verle de nuevo.",
        "{brand} quiere darle las gracias.",
    ],
    hello: "Hola {name}.",
    greetings: [
        "Es un gusto tenerle con nosotros.",
        "Es un gusto verle de nuevo.",
        "Es un gusto conocerle.",
    ],
    product: "Esto es {product}.",
    price: "Su precio: {price}.",
    lead: "Esto es lo que conviene saber.",
    offer: "Y esta es la oferta.",
    look: "Eche un vistazo a {product}.",
    more: "Descubra más en {brand}.",
    besides: [
        "Tómese un momento, y vea si es para usted.",
        "Usted sabe mejor que nadie lo que le importa.",
        "Mírelo de cerca, y compárelo con lo que tiene.",
        "Eso es todo, en pocas palabras.",
    ],
    thanks: "Gracias por escuchar.",
};

/// The sentences of the language that a tag such as `de-AT` names.
pub fn of(tag: &str) -> Option<&'static Phrases> {
    match Language::of(tag) {
        Language::English => Some(&ENGLISH),
        Language::French => Some(&FRENCH),
        Language::German => Some(&GERMAN),
        Language::Spanish => Some(&SPANISH),
        _ => None,
    }
}

impl Phrases {
    /// How a video of this purpose opens.
    pub fn opening(&self, purpose: Purpose) -> &'static str {
        self.openings[match purpose {
            Purpose::Promote => 0,
            Purpose::Announce => 1,
            Purpose::Welcome => 2,
            Purpose::Explain => 3,
            Purpose::WinBack => 4,
            Purpose::Thank => 5,
        }]
    }

    /// How people of a segment are greeted; those of other segments are not.
    pub fn greeting(&self, segment: &str) -> Option<&'static str> {
        match segment {
            "champions" | "loyal" | "potential_loyalist" => Some(self.greetings[0]),
            "need_attention" | "about_to_sleep" | "at_risk" | "cannot_lose" | "hibernating"
            | "lost" => Some(self.greetings[1]),
            "new_customers" | "promising" | "prospects" => Some(self.greetings[2]),
            _ => None,
        }
    }
}
