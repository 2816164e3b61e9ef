/** The words of the log: who keeps the lamp, what passes by, and what there is to say about it. */

export const WEEKDAYS = [
  ...['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
] as const;

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August'],
  ...['September', 'October', 'November', 'December'],
] as const;

/** Each keeper with the pronouns that stand for him or her. */
export const KEEPERS = [
  { name: 'Mr. Harrow', they: 'he', their: 'his' },
  { name: 'Mrs. Quill', they: 'she', their: 'her' },
  { name: 'old Benedict', they: 'he', their: 'his' },
  { name: 'young Tamsin', they: 'she', their: 'her' },
] as const;

/** Each ship is always of the same sort, from the same port, with the same goods. */
export const SHIPS = [
  { name: 'Adeline', sort: 'brig', port: 'Riga', goods: 'salt' },
  { name: 'Northern Lass', sort: 'schooner', port: 'Bergen', goods: 'dried fish' },
  { name: 'Good Intent', sort: 'barque', port: 'Lisbon', goods: 'cork and wine' },
  { name: 'Three Brothers', sort: 'ketch', port: 'Whitby', goods: 'coal' },
  { name: 'Perseverance', sort: 'steamer', port: 'Hamburg', goods: 'machines' },
  { name: 'Marigold', sort: 'schooner', port: 'Dunkirk', goods: 'sugar' },
  { name: 'Saint Olave', sort: 'barque', port: 'Trondheim', goods: 'timber' },
  { name: 'Curlew', sort: 'cutter', port: 'Harwich', goods: 'the mail' },
  { name: 'Ellen Vane', sort: 'brig', port: 'Cadiz', goods: 'oranges' },
  { name: 'Patient Anne', sort: 'ketch', port: 'Ostend', goods: 'bricks' },
  { name: 'Halcyon', sort: 'steamer', port: 'New York', goods: 'grain and passengers' },
  { name: 'Jonquil', sort: 'yawl', port: 'Brest', goods: 'onions' },
] as const;

export const WINDS = [
  ...['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'],
] as const;

/** The wind by its strength, and the sea that goes with it. */
export const STRENGTHS = [
  { wind: 'calm', sea: ['like glass', 'without a ripple', 'asleep'] },
  { wind: 'light', sea: ['smooth', 'rippled', 'easy'] },
  { wind: 'fresh', sea: ['choppy', 'restless', 'full of white horses'] },
  { wind: 'strong', sea: ['rough', 'high', 'heavy at the point'] },
  { wind: 'a full gale', sea: ['very high', 'breaking over the wall', 'white to the horizon'] },
] as const;

export const SKIES = {
  rising: ['clearing', 'blue by noon', 'bright', 'open to the west', 'without a cloud'],
  falling: [
    'clouding over',
    'low and grey',
    'dark to windward',
    'full of rain',
    'the colour of lead',
  ],
  steady: ['half covered', 'pale', 'streaked with high cloud', 'hazy', 'as yesterday'],
} as const;

export const CHORES = [
  'trimmed the wicks',
  'polished the great lens',
  'painted the gallery rail',
  'carried up the oil',
  'wound the clockwork',
  'mended the signal flags',
  'swept the spiral stair',
  'oiled the hinges of the iron door',
  'counted the candles',
  'cleaned the lantern panes, inside and out',
  'dug the potato patch behind the tower',
  'set the stores in order',
  'put a new rope on the landing stage',
  'wrote to the Board about the chimney',
  'baked bread for the week',
  'patched the boat',
] as const;

export const BIRDS = [
  ...['fieldfares', 'starlings', 'wild geese', 'terns', 'gannets', 'swallows', 'woodcock'],
  ...['puffins', 'sandpipers', 'thrushes', 'herring gulls', 'curlews'],
] as const;

export const SIGHTS = [
  'a seal lay on the landing stage and would not move',
  'the whole coast stood upside down in the haze',
  'a cask came ashore, empty',
  'there was a ring around the moon',
  'the fishing boats stayed in',
  'two whales blew beyond the bank',
  'a bottle washed up with no letter in it',
  'the fog signal was sounded all through the night',
  'the northern lights stood over the sea until two',
  'lightning struck the flagstaff, and did no other harm',
  'the spring tide reached the second step',
  'a kite came over from the mainland with its string behind it',
] as const;

export const SAYINGS = [
  'A lamp that is seen is a lamp that was cleaned',
  'The sea keeps no calendar',
  'Who hurries on the stair will rest at the foot of it',
  'There is weather in my knee',
  'It will be worse before it is better',
  'Nobody thanks a light until it is out',
  'I have seen it blow harder, but not from there',
  'We shall want more coal before the month is over',
  'The glass never lies, it only exaggerates',
  'Bread first, and then the log',
  'If the geese are early, so is the snow',
  'A quiet night is worth two letters from the Board',
  'That lens has better manners than most people',
  'You can count on the tide and on nothing else',
] as const;

/** Adverbs, so that a saying is not always said in the same way. */
export const MANNERS = [
  ...['dryly', 'from the stair', 'over supper', 'without looking up', 'twice', 'to the cat'],
  ...['at the window', 'with a sigh', 'as every year', 'and laughed'],
] as const;

export const NUMBERS = [
  ...['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
  ...['eleven', 'twelve'],
] as const;

/** Pairs of lines that rhyme, for Sundays. */
export const COUPLETS = [
  ['The wind may turn, the tide may run,', 'the light is lit at set of sun.'],
  ['Count every ship that passes by,', 'and every cloud that crosses the sky.'],
  ['The stair is long, the night is cold,', 'the oldest story still gets told.'],
  ['When all the world has gone to bed,', 'we keep the lantern overhead.'],
  ['The stone is grey, the foam is white,', 'and someone has to mind the light.'],
  ['No letter came, no boat, no bread,', 'we wrote the log and went to bed.'],
  ['A careful hand, a steady flame,', 'and every night is not the same.'],
  ['O sailor far from any shore,', 'we burn one lamp, and wish for more.'],
] as const;
