//! Frequent words by language, for telling languages apart.

use super::Language;

/// Frequent words beside the stop words. Those of English include its words that are function
/// words elsewhere, such as "war", "come" and "pour".
pub(super) const FREQUENT: [(Language, &str); 8] = [
    (
        Language::English,
        "after again all already also always any anything back because before both bye cool different each \
        ever every everything feel few find first fun get gets getting give go goes going gone good got \
        great guess happy hello here hey hi keep kept kind know last let like little lot love made make \
        makes many maybe might more most mostly much must never new next nice now off oh ok okay old once \
        one only other out over own people please quite read really right said same say see since \
        some someone something soon still stuff sure take than thank thanks thing things think though \
        thought through time today together told tomorrow tonight took totally try two under until up \
        user want wants way week well went were while whole whose without won work wow yeah year \
        years yes yesterday yet \
        war man hat hatten die den dies bad bin mag mal mach wart dank fort \
        come me son pour sans main tout sort lit elle chat sur on pas don due sole per fare dove \
        fine cosa male con no fin dice red sin pan mesa dos tres fe os as dar lava rota vera mama al \
        ben wil wilt onder door is was had dat men of hoe zo toe",
    ),
    (
        Language::German,
        "gestern heute morgen jetzt immer nie jede jeden jeder jedes viel viele mehr sehr gut gern \
        letzte letzten letztes nächste nächsten alle alles wieder weil geht gibt macht",
    ),
    (
        Language::French,
        "hier aujourd hui demain maintenant toujours jamais chaque tous beaucoup bon bonne depuis \
        dernier dernière prochain fois jour chose parce aime voudrais",
    ),
    (
        Language::Spanish,
        "ayer hoy mañana ahora siempre nunca cada mucho mucha muchos muchas después antes bien \
        vez pasado pasada próximo gusta quiero hace hacer voy fuimos tengo nueva nuevo",
    ),
    (
        Language::Portuguese,
        "ontem hoje amanhã agora sempre nunca cada muitos muitas depois antes bem vez passado \
        passada próximo gosto quero faz fazer fomos novo nova",
    ),
    (
        Language::Italian,
        "ieri oggi domani adesso sempre mai ogni molti molte bene volta scorso scorsa prossimo \
        piace vorrei fare fatto vado siamo nuovo nuova",
    ),
    (
        Language::Dutch,
        "gisteren vandaag morgen nu altijd nooit elke elk iedere veel meer goed graag vorige \
        volgende alle alles weer omdat gaat doet leuk nieuwe",
    ),
    (
        Language::Russian,
        "вчера сегодня завтра сейчас всегда никогда каждый каждую каждое много хорошо раз прошлый \
        прошлой следующий новый новая новую нравится хочу ходили купили",
    ),
];

/// Languages without a stemmer here that share words or letters with one that has, each with its
/// frequent words. A text of theirs must not be taken for a language with a stemmer.
pub(super) const OTHERS: &[&str] = &[
    // Catalan
    "el la els les un una uns unes de del dels al als i o però que amb per en a no és són era va van \
     vaig ha han he hem em et es ens us li ho hi meu meva seu seva nostre aquest aquesta això aquell \
     què qui com quan on molt més també perquè si sense sobre fins ja ara avui ahir estic està fer \
     fa tot tots tota totes cada havia hauria puc pot sempre",
    // Galician
    "o a os as un unha uns unhas de do da dos das no na nos nas ao á e ou pero que con por en non é \
     son era foi ten teño hai moi máis tamén eu ti el ela nós eles meu miña seu súa este esta isto ese \
     iso aquel quen como cando onde porque para sen sobre ata xa hoxe onte estou está fixo despois \
     gústame unha dunha nunha polo pola",
    // Romanian
    "și si de la în in pe cu din pentru că ca nu este e sunt era am ai are au avem aveți un o una unui \
     unei cel cea cei cele al ai ale lui lor eu tu el ea noi voi ei mă te se ne vă îmi îți își meu mea \
     său sa acest această ce cine când unde cum de ce mai foarte și sau dar dacă fără prin după până \
     lucrez merg astăzi ieri mâine fi fost fac face tot toate",
    // Swedish
    "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så \
     kan man när år säger hon under också efter eller nu sin där vid mot ska skulle kommer ut får \
     finns vara hade alla andra mycket än här då blir mig dig min mitt mina din vad hur varför \
     igår idag två sedan",
    // Danish
    "og i at det som en på er af for med til den har de ikke om et han men var jeg sig fra vi så kan \
     man når år siger hun under også efter eller nu sin hvor ved mod skal skulle kommer ud får findes \
     være havde alle andre meget end her da bliver mig dig min mit mine din hvad hvordan hvorfor i går \
     dag to siden blev noget",
    // Norwegian
    "og i at det som en på er av for med til den har de ikke om et han men var jeg seg fra vi så kan \
     man når år sier hun under også etter eller nå sin hvor ved mot skal skulle kommer ut får finnes \
     være hadde alle andre mye enn her da blir meg deg min mitt mine din hva hvordan hvorfor går dag \
     to siden ble noe ikkje eg ein",
    // Afrikaans
    "die en van in is het nie dat wat met vir op te om aan by was word ek jy hy sy ons julle hulle my \
     jou haar hom sal kan moet wil sou kon daar hierdie daardie ook so maar of as na uit oor een baie \
     nog al toe gaan kom se deur waar hoe wie hoekom gister vandag",
    // Polish
    "i w na z do że się nie to jest jak o co po za od ale czy tak już dla przez być był była było są \
     mam ma ja ty on ona my oni mnie mi mu jej ich go jego ten ta te tego tej tym który która które \
     kiedy gdzie dlaczego bardzo też tylko może jeszcze wczoraj dzisiaj jutro oraz przy pod nad u \
     lub bo gdy",
    // Czech
    "a v na z do že se ne to je jak o co po za od ale či tak už pro být byl byla bylo jsou jsem jsi \
     jsme mám má já ty on ona my oni mě mi mu jí jich ho jeho ten ta tento tato který která které kdy \
     kde proč velmi také jen může ještě včera dnes zítra nebo při pod nad u když s k i",
    // Slovak
    "a v na z do že sa nie to je ako o čo po za od ale či tak už pre byť bol bola bolo sú som si sme \
     mám má ja ty on ona my oni ma mi mu jej ich ho jeho ten tá tento táto ktorý ktorá ktoré kedy kde \
     prečo veľmi tiež len môže ešte včera dnes zajtra alebo pri pod nad u keď s k i",
    // Croatian, Bosnian and Serbian in Latin letters
    "i u na s iz do da se ne to je kao o što šta po za od ali ili tako već biti bio bila bilo su sam \
     si smo ste imam ima ja ti on ona mi oni me mu joj ih ga njegov taj ta ovaj ova koji koja koje kad \
     kada gdje gde zašto vrlo veoma također samo može još jučer juče danas sutra pri pod nad kod sa \
     nije nisam jer mogu",
    // Slovene
    "in v na z iz do da se ne to je kot o kaj po za od ali tako že biti bil bila bilo so sem si smo \
     ste imam ima jaz ti on ona mi oni me mu ji jih ga njegov ta tisti ki kdaj kje zakaj zelo tudi \
     samo lahko še včeraj danes jutri pri pod nad ker s k pa",
    // Hungarian
    "a az és hogy nem is egy van volt meg de ha csak már mint én te ő mi ti ők ez azt ezt engem nekem \
     neki ki mit hol mikor miért hogyan nagyon még itt ott lesz lehet kell vagy minden tegnap ma \
     holnap után alatt között szeretem voltam vagyok",
    // Finnish
    "ja on ei se että oli ovat olen olet olemme hän minä sinä me te he mutta kun niin kuin myös jos \
     tai joka mitä missä milloin miksi miten tämä tuo nyt vain jo vielä minun sinun hänen meidän \
     kanssa jälkeen ennen eilen tänään huomenna hyvin paljon en et ole olla",
    // Estonian
    "ja on ei see et oli ma mina sa sina ta tema me meie te teie nad aga kui ka nagu või kes mis kus \
     millal miks kuidas nüüd ainult juba veel minu sinu tema oma koos pärast enne eile täna homme \
     väga palju olen olid ole",
    // Turkish
    "ve bir bu da de için ile çok daha ne o ben sen biz siz onlar ama gibi kadar var yok mi mı mu mü \
     olarak olan oldu sonra önce her şey kim nerede neden nasıl dün bugün yarın benim senin onun \
     değil en ki ya hem diye bana sana",
    // Indonesian and Malay
    "yang dan di ke dari untuk dengan ini itu adalah tidak saya anda kamu dia kami kita mereka akan \
     sudah telah bisa dapat ada pada juga atau karena jika sebagai oleh dalam apa siapa kapan di mana \
     mengapa bagaimana sangat lebih kemarin hari besok aku tapi tetapi lagi belum suka bukan",
    // Tagalog
    "ang ng sa na at ay mga ako ikaw siya kami tayo sila ko mo niya namin natin nila ito iyan iyon \
     hindi po ba may mayroon wala para kung dahil pero nang lang din rin si ni kay saan sino ano \
     kailan bakit paano kahapon ngayon bukas",
    // Swahili
    "na ya wa kwa ni katika za la kuwa hii huu hiyo huyo mimi wewe yeye sisi wao lakini au kama si \
     nini nani wapi lini sana pia bado jana leo kesho alikuwa nina ana cha vya yangu yake",
    // Vietnamese
    "là của và có không tôi bạn anh chị em nó chúng ta họ này đó cho với trong trên được đã đang sẽ \
     một những các khi nào ở đâu sao rất cũng nhưng hay vì nếu thì hôm qua nay",
    // Latin
    "et in est non ad cum ut sed ex de si quod qui quae esse sunt erat per ab ac atque aut nec enim \
     autem hoc haec ille ipse se sibi suum eius quam quid ubi quando cur etiam tamen ego tu nos vos",
    // Esperanto
    "la kaj de estas en ne mi vi li ŝi ĝi ni ili al por kun pri sed aŭ kiu kio kie kiam kial kiel tre \
     ankaŭ se ke tio ĉi hodiaŭ hieraŭ mia via lia estis estos havas el ĝis",
    // Ukrainian
    "і й та в у на з до що не це як за по від але чи так вже для бути був була було є я ти він вона \
     ми ви вони мене мені його її їх цей ця який яка яке коли де чому дуже також тільки може ще \
     вчора сьогодні завтра або при під над бо якщо про мій моя щоб із зі",
    // Belarusian
    "і й у на з да што не гэта як за па ад але ці так ужо для быць быў была было ёсць я ты ён яна мы \
     вы яны мяне мне яго яе іх гэты які якая калі дзе чаму вельмі таксама толькі можа яшчэ ўчора \
     сёння заўтра або пры пад над бо калі мой мая каб",
    // Bulgarian
    "и в на с от до че не това е как за по но или така вече да се бъде беше бил била са съм си сме аз \
     ти той тя ние вие те ме ми му ѝ ги го неговият този тази който която което кога къде защо много \
     също само може още вчера днес утре при под над ако ще към със във ни си няма има",
    // Serbian
    "и у на с из до да се не то је као о шта што по за од али или тако већ бити био била било су сам \
     си смо имам има ја ти он она ми они ме му јој их га његов тај та овај који која које кад када где \
     зашто врло веома такође само може још јуче данас сутра при под над код са није",
    // Macedonian
    "и во на со од до дека не тоа е како за по но или така веќе да се биде беше бил била се сум си сме \
     јас ти тој таа ние вие тие ме ми му ги го овој оваа кој која кое кога каде зошто многу исто само \
     може уште вчера денес утре при под над ако ќе ја",
];

/// Letters that no language with a stemmer here uses, but in names; each comes with capitals.
pub(super) const OTHER_LETTERS: &str = "åøąęłśćżźńőűğşıțșăěščřžđůťďľĺŕāēīūģķļņŗėįųħġċŝĝĉĥĵŭþð\
    ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹіїєґўјљњћђџѓќѕәғқңөұүһ";
