/** The words of the tales that are told at the lamp, by what can be done to them and by them. */
const list = (words: string) => words.trim().split(/\s+/);

/** Who acts, each with the pronoun that stands for them. */
export const PEOPLE = {
  he: list(`baker miller sailor pilot smith tailor bishop fiddler beggar captain boatman farmer
    clerk drummer glazier hunter judge king mason painter porter shepherd surgeon thief weaver
    uncle brother grandfather schoolmaster gravedigger`),
  she: list(`widow queen nurse midwife laundress duchess sister aunt grandmother milkmaid seamstress
    singer governess abbess bride daughter fishwife gardener innkeeper landlady princess`),
} as const;

/** What can be owned, lost and mended. */
export const THINGS = list(`anchor apple axe barrel basket bell blanket boot bottle bowl box bread
  bridle broom bucket button candle cap chain chair chest clock cloak coat coin compass crown cup
  drum feather fiddle flag flute glass glove hammer hat hook horn jar kettle key knife ladder
  lantern letter map mirror mug nail needle net oar parcel pear pen pillow pipe plate pot purse
  quilt razor ribbon ring rope saddle sail scarf shovel sieve spade spoon stone stool sword table
  thimble trumpet umbrella violin watch wheel whistle`);

/** Where things happen. */
export const PLACES =
  list(`attic bakery barn bay beach bridge cabin cellar chapel church cliff coast
  cottage courtyard crossroads dairy ditch ferry field forest fountain garden gate graveyard
  harbour hill house inn island kitchen lane library market marsh meadow mill moor orchard palace
  pier pond quarry river road roof school shore square stable tower valley village wall
  well windmill wood workshop yard`);

export const ANIMALS =
  list(`badger bear bee calf cat cow crab crow dog dolphin donkey dove duck eagle
  eel falcon ferret fox frog goat goose hare hawk hedgehog hen heron horse jackdaw kitten lamb lark
  lobster magpie mole mouse otter owl ox parrot pig pigeon pony rabbit rat raven robin salmon sheep
  snail sparrow spider squirrel stork swan toad trout turtle wasp weasel wolf wren`);

/** What people and animals, things and places are like. */
export const QUALITIES = list(`ancient angry bitter black blind blue bold brave bright broken brown
  careful cheerful clever cold crooked cruel curious damp dark deaf deep dry dusty empty faithful
  famous fat foolish forgotten gentle giant golden green grey handsome happy heavy hollow honest
  hungry idle lame lazy little lonely long lost lucky merry narrow noble old patient plain poor
  proud quiet red rich round rusty sad secret sharp shy silent silver simple sleepy slow small
  solemn strange strong stubborn tall thin tiny tired ugly warm weary white wicked wide wild wise
  wooden wrinkled yellow young`);

/** What is done with a thing. */
export const HANDLED = list(`borrowed bought brought buried burnt carried carved caught cleaned
  counted covered dropped emptied filled fetched found forgot gave hid kept kicked lifted lost
  mended missed opened packed painted polished pulled pushed remembered repaired returned sewed
  shook sold stole swallowed threw tied took touched traded turned washed watched weighed wrapped`);

/** What one does somewhere. */
export const MOVED = list(`arrived climbed crept dreamed drowned escaped fell fled flew hesitated
  hurried jumped knelt knocked landed laughed leaned limped listened lived marched paused prayed
  ran rested returned rode rowed sang sat shivered shouted slept slipped smiled sneezed stood
  stopped stumbled swam trembled turned vanished waited walked wandered wept whispered whistled
  worked yawned`);

/** What one being does to another. */
export const MET = list(`admired answered avoided believed blamed blessed called chased cheated
  comforted cursed deceived feared fed followed forgave greeted hated helped invited loved married
  met mocked named obeyed paid pitied praised punished questioned recognised refused rescued
  robbed saved scolded served taught teased thanked trusted visited warned welcomed`);

export const HOW = list(`again alone badly bravely briefly calmly carefully cheerfully early easily
  eagerly fondly gladly gently gravely greedily hastily honestly kindly lately loudly nearly
  neatly never often once patiently politely proudly quickly quietly rarely sadly secretly
  seldom silently slowly softly suddenly sweetly twice warmly wearily wisely`);

export const WHERE = list(`above across along around at before behind below beneath beside beyond by
  in inside into near outside over past through to toward under`);

export const WHEN = [
  ...['one morning', 'at last', 'in those days', 'the next day', 'after supper', 'by moonlight'],
  ...['before dawn', 'at the end of winter', 'in the year of the flood', 'on the third night'],
  ...['long ago', 'at harvest time', 'when the snow had gone', 'every Sunday', 'toward evening'],
  ...['while the bells rang', 'a week later', 'in the middle of the night', 'for seven years'],
] as const;
