//! Stop lists: function words, question words and auxiliaries, which no search asks for.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::language::Language;

static STOP: LazyLock<[HashSet<&str>; 8]> =
    LazyLock::new(|| Language::ALL.map(|language| list(language).collect()));

/// Whether a word in lower case is a stop word of a language.
pub(super) fn is_stop(word: &str, language: Language) -> bool {
    STOP[language as usize].contains(word)
}

/// The stop words of a language, in lower case.
pub(super) fn list(language: Language) -> impl Iterator<Item = &'static str> {
    let text = match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
        Language::French => FRENCH,
        Language::Spanish => SPANISH,
        Language::Portuguese => PORTUGUESE,
        Language::Italian => ITALIAN,
        Language::Dutch => DUTCH,
        Language::Russian => RUSSIAN,
    };
    text.split_whitespace()
}

const ENGLISH: &str = "\
    a an and are as at be but by for if in into is it no not of on or such that the their then there \
    these they this to was will with i you he she we me my your his her our us do does did have has \
    had what which who whom when where why how can could would should so am been being from about \
    just than too very s t d m re ve ll";

const GERMAN: &str = "\
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner keines \
    und oder aber denn sondern als wie ob dass daß weil wenn da doch \
    ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch ihnen sich \
    mein meine meinen meinem meiner meines dein deine deinen deinem deiner deines sein seine seinen \
    seinem seiner seines ihre ihren ihrem ihrer ihres unser unsere unseren unserem unserer unseres \
    euer eure euren eurem eurer eures man selbst \
    dieser diese dieses diesen diesem jener jene jenes jenen jenem \
    wer was wen wem wessen wann wo warum wieso weshalb woher wohin womit wofür worüber woran wobei \
    welche welcher welches welchen welchem \
    bin bist ist sind seid war warst waren wart gewesen wäre wären \
    habe hast hat haben habt hatte hattest hatten hattet gehabt hätte hätten \
    werde wirst wird werden werdet wurde wurdest wurden worden würde würden \
    kann kannst können könnt konnte konnten könnte könnten soll sollst sollen sollte sollten \
    will willst wollen wollte wollten muss muß musst müssen musste mussten mag möchte möchten darf \
    dürfen durfte \
    in im ins an am ans auf aus bei beim bis durch für gegen mit nach ohne über um unter von vom vor \
    zu zum zur zwischen seit während wegen \
    nicht auch nur noch schon so sehr dann hier dort dabei damit dazu davon darin daran darauf dafür \
    ja nein mal eben etwa etwas";

const FRENCH: &str = "\
    le la les l un une des du de d au aux et ou mais donc or ni car que qu si comme lorsque puisque \
    je j tu il elle on nous vous ils elles me m te t se s lui leur y en moi toi soi eux \
    mon ma mes ton ta tes son sa ses notre nos votre vos leurs \
    ce c cet cette ces ceci cela ça celui celle ceux celles \
    qui quoi dont où quand comment pourquoi combien quel quelle quels quelles lequel laquelle \
    lesquels lesquelles \
    suis es est sommes êtes sont étais était étions étiez étaient été étant sera serai seras serons \
    serez seront serait seraient soit soient fut fût furent sois \
    ai as a avons avez ont avais avait avions aviez avaient eu ayant aura aurai auras aurons aurez \
    auront aurait auraient ait aient eut \
    fais fait faire peut peux pouvez peuvent pouvait pourrait doit dois devait devrait veut \
    à dans par pour sur sous avec sans entre vers chez dès depuis pendant jusque jusqu avant après \
    contre \
    ne n pas plus moins aussi très bien trop même mêmes tout tous toute toutes autre autres encore \
    déjà là ici alors ainsi oui non";

const SPANISH: &str = "\
    el la los las lo un una unos unas de del al a y e o u pero sino ni que si como porque pues aunque \
    mientras \
    yo tú tu él ella ello nosotros nosotras vosotros vosotras ellos ellas usted ustedes me te se nos \
    os le les mí ti sí conmigo contigo consigo \
    mi mis tus su sus nuestro nuestra nuestros nuestras vuestro vuestra vuestros vuestras mío mía \
    suyo suya \
    este esta esto estos estas ese esa eso esos esas aquel aquella aquello aquellos aquellas \
    qué quién quiénes quien quienes cuál cuáles cual cuales cuándo cuando dónde donde adónde cómo \
    cuánto cuánta cuántos cuántas \
    soy eres es somos sois son era eras éramos eran fui fuiste fue fuimos fueron sido siendo ser será \
    serán sería serían sea sean fuera \
    estoy estás está estamos están estaba estaban estuvo estado estar esté \
    he has ha hemos habéis han había habían hubo haber habrá habría haya hay \
    tiene tienen tenía puede pueden podía podría debe debería \
    en con por para sin sobre entre hasta desde hacia según durante contra tras ante \
    no más menos muy también tampoco ya aún todavía así tan tanto ahí aquí allí todo toda todos todas \
    otro otra otros otras mismo misma algo";

const PORTUGUESE: &str = "\
    o a os as um uma uns umas de do da dos das em no na nos nas num numa ao à aos às pelo pela pelos \
    pelas por e ou mas nem que se como porque pois embora enquanto \
    eu tu ele ela nós vós eles elas você vocês me te lhe lhes mim ti si comigo contigo consigo \
    meu minha meus minhas teu tua teus tuas seu sua seus suas nosso nossa nossos nossas dele dela \
    deles delas \
    este esta isto estes estas esse essa isso esses essas aquele aquela aquilo aqueles aquelas \
    neste nesta nesse nessa naquele naquela deste desta desse dessa disso disto \
    qual quais quem quando onde aonde quanto quanta quantos quantas quê \
    sou és é somos são era eras éramos eram fui foste foi fomos foram sido sendo ser será serão \
    seria seriam seja sejam fosse \
    estou está estamos estão estava estavam esteve estado estar esteja \
    tenho tens tem temos têm tinha tinham teve ter terá teria tenha hei há houve havia haver haja \
    pode podem podia poderia deve deveria vai vou vão \
    com para pra sem sobre entre até desde após contra durante \
    não mais menos muito também já ainda assim tão tanto aí aqui ali lá todo toda todos todas outro \
    outra outros outras mesmo mesma só algo";

const ITALIAN: &str = "\
    il lo la i gli le l un uno una di del dello della dei degli delle dell d a al allo alla ai agli \
    alle all da dal dallo dalla dai dagli dalle dall in nel nello nella nei negli nelle nell su sul \
    sullo sulla sui sugli sulle sull con col coi per tra fra \
    e ed o od ma né che se come perché poiché mentre quindi anche \
    io tu lui lei noi voi loro egli ella essi esse mi m ti t si s ci c vi v ne n me te sé \
    mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra nostri nostre vostro vostra \
    vostri vostre \
    questo questa questi queste quest quello quella quelli quelle quell quei quegli quel ciò \
    chi cosa cos quale quali qual quando dove dov com quanto quanta quanti quante \
    sono sei è siamo siete era ero eri eravamo eravate erano fui fu furono stato stata stati state \
    essere sarà saranno sarebbe sia siano fosse \
    ho hai ha abbiamo avete hanno avevo aveva avevi avevano avuto avere avrà avrebbe abbia ebbe \
    sto sta stanno stava può possono poteva potrebbe deve doveva dovrebbe \
    non più meno molto già ancora così tanto qui qua lì là tutto tutta tutti tutte altro altra altri \
    altre stesso stessa poi senza verso contro dopo prima sopra sotto fino";

const DUTCH: &str = "\
    de het een t n der des den en of maar want dus noch dat als dan omdat terwijl hoewel zodat toen \
    ik jij je hij zij ze wij we jullie u mij me jou hem haar ons hen hun zich men zelf \
    mijn m jouw uw zijn onze \
    deze dit die daar er hier \
    wie wat waar waarom wanneer hoe welke welk wiens waarmee waarvan waarin waaraan waarop waarover \
    waarvoor hoeveel \
    ben bent is was waren geweest wees zou zouden zal zult zullen \
    heb hebt heeft hebben had hadden gehad \
    word wordt worden werd werden geworden \
    kan kunt kunnen kon konden moet moeten moest moesten mag mogen mocht mochten wil wilt willen wou \
    wilde wilden \
    in op aan bij van voor met naar uit over onder tegen door om te tot tussen zonder sinds tijdens na \
    binnen buiten \
    niet geen ook al nog wel zo zeer heel erg toch alleen slechts iets ja nee eens eigenlijk";

const RUSSIAN: &str = "\
    и а но или да либо что чтобы если когда как так то же ли бы б ж хотя потому поэтому пока чем \
    я ты он она оно мы вы они меня мне мной мною тебя тебе тобой его ему им нём нем её ее ей ею неё \
    нее ней него нему ним нас нам нами вас вам вами их ими них ними себя себе собой \
    мой моя моё мое мои моего моей моему моим моём моем моих моими мою твой твоя твоё твое твои твоего \
    твоей твоему твоих твою наш наша наше наши нашего нашей нашему нашим нашем наших нашими нашу ваш \
    ваша ваше ваши вашего вашей вашему ваших вашу свой своя своё свое свои своего своей своему своим \
    своём своем своих своими свою \
    этот эта это эти этого этой этому этим этом этих этими эту тот та те того той тому тем том тех \
    теми ту такой такая такое такие \
    кто кого кому кем ком чего чему чём какой какая какое какие какого какую каком каких \
    который которая которое которые которого которой которому которых которую где куда откуда зачем \
    почему сколько чей чья чьё чьи \
    быть был была было были буду будешь будет будем будете будут есть \
    мочь могу может можем могут можно мог могла нужно надо \
    в во на с со к ко о об обо от из изо у за по до для без под над при про через между перед около \
    не ни нет уже ещё еще тоже также только лишь очень даже вот там тут здесь тогда потом всё все весь \
    вся всего всех всем разве ведь";
