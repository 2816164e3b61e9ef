import type { Grammar } from './grammar.js';

const list = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter(Boolean);

/** Words and phrases that judge, in pairs: every symbol exists as `good.` and as `bad.`. */
export const JUDGEMENTS: Grammar = {
  'good.adjective': list(`
    wonderful, superb, moving, gripping, delightful, brilliant, charming, touching, witty,
    memorable, clever, beautiful, thoughtful, tender, thrilling, absorbing, hilarious, inventive,
    graceful, warm, honest, stunning, rewarding, fresh, sharp, spellbinding, haunting, uplifting,
    heartfelt, engaging, lively, radiant, first-rate, exquisite, magnetic, sparkling, poignant,
    assured, elegant, satisfying, excellent, great, lovely, terrific, fantastic, marvellous,
    captivating, intelligent, nuanced, believable`),
  'bad.adjective': list(`
    dreadful, dull, tedious, clumsy, lifeless, boring, predictable, silly, awful, weak, wooden,
    hollow, shallow, forgettable, painful, pointless, lazy, messy, flat, stale, bland, cheap,
    irritating, pretentious, incoherent, contrived, tiresome, ridiculous, plodding, amateurish,
    grating, laughable, insufferable, charmless, sloppy, overlong, muddled, drab, embarrassing,
    third-rate, terrible, horrible, bad, poor, stupid, atrocious, unconvincing, monotonous,
    disappointing, unbearable`),
  'good.adverb': list(`
    beautifully, perfectly, brilliantly, gracefully, wonderfully, superbly, skilfully, warmly,
    elegantly, convincingly, delicately, sharply`),
  'bad.adverb': list(`
    poorly, badly, clumsily, lazily, horribly, painfully, carelessly, woefully, feebly,
    unconvincingly, drearily, sloppily`),
  'good.noun': list(`
    triumph, delight, masterpiece, gem, joy, treat, pleasure, marvel, winner, revelation,
    small miracle, treasure, classic, knockout, breath of fresh air`),
  'bad.noun': list(`
    disaster, mess, bore, failure, waste, chore, disgrace, flop, letdown, insult, train wreck,
    dud, stinker, shambles, headache`),
  'good.quality': list(`
    charm, wit, heart, warmth, energy, imagination, intelligence, tenderness, style, grace, suspense,
    humour, depth, honesty, sparkle`),
  'bad.quality': list(`
    padding, stupidity, bad acting, sloppy editing, dead air, empty noise, wooden dialogue, confusion,
    self-importance, boredom, nonsense, shouting, sentimental mush, idle chatter, false pathos`),
  'good.verb': list(
    'shines, works, succeeds, soars, delivers, convinces, dazzles, sings, glows, excels',
  ),
  'bad.verb': list(
    'fails, drags, disappoints, collapses, stumbles, irritates, falters, flops, sinks, bores',
  ),
  'good.effect': list(`
    kept me guessing until the last scene
    stayed with me for days
    made me laugh out loud
    moved me to tears
    held my attention from start to finish
    left a smile on my face
    gave me goosebumps
    took my breath away
    won me over within minutes
    sent us home happy
    made two hours feel like twenty minutes
    made me want to watch it again at once
    had the whole audience cheering
    exceeded every hope I had
    restored my faith in the movies`),
  'bad.effect': list(`
    sent me to sleep
    made me look at my watch
    left me cold
    gave me a headache
    had me reaching for the remote
    made two hours feel like ten
    had the audience laughing in all the wrong places
    made me want my money back
    tested my patience from the first scene
    had people walking out
    lost me within minutes
    made me wish I had stayed at home
    left me with nothing at all
    insulted my intelligence
    went nowhere and took forever`),
  'good.deed': list(`
    brings real life to every scene
    finds something true in each line
    carries the film with ease
    lights up the screen
    gives the performance of a lifetime
    never hits a false note
    makes every silence count
    earns every laugh
    has never been better
    turns a small part into a great one
    makes us care from the first minute`),
  'bad.deed': list(`
    sleepwalks through every scene
    mumbles each line
    looks bored throughout
    seems to be reading from cards
    overacts without mercy
    never finds the character
    has two expressions and uses one
    ruins every joke
    has never been worse
    is hopelessly miscast
    makes us care about nobody`),
  'good.verdict': list(`
    See it
    Go and see it
    Highly recommended
    Do not miss it
    I recommend it to everyone
    It deserves a far bigger audience
    I will happily watch it again
    One of the best films I have seen this year
    Find it and take a friend along
    Five stars
    Two thumbs up
    It is worth every penny
    I bought the disc the next day
    They should make more like this`),
  'bad.verdict': list(`
    Avoid it
    Stay away
    Not recommended
    Skip it
    I recommend it to nobody
    It deserves to be forgotten
    I will never watch it again
    One of the worst films I have seen this year
    Save your money
    No stars
    Two thumbs down
    It is not worth a penny
    I want those two hours back
    They should stop making films like this`),
  'good.contrary': list(`
    not bad at all
    far from boring
    never dull
    anything but predictable
    no failure
    hardly a waste of time
    much better than I feared
    nothing like the disaster I was warned about
    not half as silly as it sounds`),
  'bad.contrary': list(`
    not good at all
    far from funny
    never convincing
    anything but original
    no masterpiece
    hardly worth the ticket
    much worse than I feared
    nothing like the classic I was promised
    not half as clever as it thinks`),
};

/** Words that say nothing about whether the film is any good. */
export const SCENERY: Grammar = {
  aspect: list(`
    the script, the plot, the story, the acting, the direction, the photography, the music,
    the score, the editing, the dialogue, the ending, the first half, the second half, the cast,
    the pacing, the humour, the romance, the opening scene, the soundtrack, the final act,
    the camera work, the lighting, the set design, the narration, the title song`),
  aspects: list(`
    the performances, the characters, the jokes, the action scenes, the costumes, the special effects,
    the songs, the love scenes, the supporting actors, the flashbacks, the chases, the minor roles,
    the twists, the dance numbers, the child actors`),
  film: list('film, movie, picture, feature, production'),
  genres: list(`
    comedy, drama, thriller, western, romance, mystery, musical, war film, horror film, road movie,
    costume drama, spy film, ghost story, family film, heist movie, documentary, crime story, satire`),
  occupation: list(`
    a retired teacher, a young nurse, a bankrupt baker, a country doctor, the youngest of three brothers, a widowed sailor,
    a jazz pianist, a stubborn detective, an orphan, a train driver, a medical student, a circus clown,
    a forger, a lonely librarian, a taxi driver, a failed poet, a bank clerk, one of twin sisters, a priest,
    a lighthouse keeper, a young soldier, an ageing boxer, a cook, a runaway bride, a watchmaker,
    a shy mathematician, a smuggler, a village policeman, an actress, a vet, a grave digger, a beekeeper`),
  undertaking: list(`
    returns home after twenty years, inherits a crumbling hotel, witnesses a robbery, falls for a stranger,
    loses everything in one night, finds a suitcase full of letters, searches for a missing child,
    takes a job on a cargo ship, is blackmailed by an old friend, plans one last robbery,
    hides a fugitive in the cellar, wakes up with no memory, moves into a haunted farm,
    enters a dance contest, crosses the desert on foot, buys a broken aeroplane, joins a travelling choir,
    is mistaken for a spy, buries a secret in the garden, writes letters to a dead man,
    refuses to sell the family mill, teaches a parrot to sing, misses the last ferry`),
  elsewhere: list(`
    Lisbon, a fishing village, Chicago, a Scottish castle, a mining town, Vienna, the suburbs, Bombay,
    a monastery, wartime London, the Arctic, Buenos Aires, a boarding school, the outback, Marseille,
    a lost valley, Montana, a border town, Prague, an abandoned factory, Kyoto, a seaside resort,
    the mountains, New Orleans, an army camp, Naples, a railway depot, Dublin, the Sahara, Cairo`),
  times: list(`
    in 1912, during the war, one hot summer, in the seventies, over a single night, in the near future,
    one winter, at the turn of the century, before the flood, over thirty years, during a strike,
    in the last days of the empire, one rainy autumn, on the eve of an election`),
  mild: list(`
    long, short, quiet, loud, dark, old-fashioned, modern, strange, slow, sentimental, violent, simple,
    talky, gentle, colourful, ordinary, serious, low-budget, expensive, rough, unusual, theatrical`),
  occasion: list(`
    on a plane, at a festival, on late-night television, with my wife, with my grandmother, on video,
    at the local cinema, at a preview, with three friends, on a rainy Sunday, by accident,
    because of the poster, for a class, on my birthday, in an empty theatre, twice`),
  crowd: list(
    'critics, my friends, the people behind me, some reviewers, the newspapers, fans, my parents',
  ),
  minutes: list('ten, fifteen, twenty, thirty, forty, fifty, ninety'),
};

export const FIRST_NAMES = list(`
  Ada, Albert, Alma, Anton, Beatrice, Boris, Carla, Cedric, Clara, Conrad, Dora, Edgar, Elena, Emil,
  Flora, Gerald, Greta, Harold, Hector, Ida, Ivan, Jasper, Julia, Karl, Lena, Leo, Lydia, Marcus,
  Mabel, Nadia, Nora, Oscar, Otto, Paula, Percy, Ruth, Rosa, Samuel, Sofia, Stella, Theo, Ursula,
  Vera, Victor, Walter, Wanda, Yvonne, Zelda`);

export const SURNAMES = list(`
  Abbott, Ainsley, Barlow, Bellweather, Brandt, Calloway, Castell, Corrigan, Dacosta, Delmar, Drummond,
  Eastlake, Ellery, Fairbairn, Farrow, Fontaine, Garrick, Goldmark, Hadley, Halloran, Hartwell, Ibsley,
  Jessop, Karlin, Kestrel, Kingsley, Lachance, Larkin, Lindqvist, Lomax, Marchetti, Merriweather, Moreau,
  Nightingale, Novak, Okafor, Orlov, Pemberton, Petrosyan, Quill, Radcliffe, Ravensworth, Rossi, Sandoval,
  Sinclair, Solano, Stroud, Tanaka, Thornbury, Underhill, Valdez, Vasquez, Wexford, Whitlock, Winslow,
  Yardley, Zimmer, Zoltan`);

export const TITLE_ADJECTIVES = list(`
  Glass, Silent, Crooked, Seventh, Paper, Midnight, Borrowed, Distant, Golden, Hidden, Iron, Last, Lonely,
  Northern, Painted, Red, Second, Hollow, Salt, Velvet, Winter, Broken, Burning, Copper, Empty, Forgotten,
  Green, Hungry, Invisible, Little`);

export const TITLE_NOUNS = list(`
  Harbour, Orchard, Clock, Bridge, Letter, Violin, Station, Garden, River, Staircase, Mirror, Lantern,
  Carousel, Lighthouse, Bicycle, Island, Train, Window, Piano, Umbrella, Mountain, Summer, Kingdom, Wolf,
  Sparrow, Suitcase, Compass, Market, Postman, Witness, Tide, Waltz, Wedding, Passenger, Photograph, Shadow`);
