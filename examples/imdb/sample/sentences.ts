import type { Grammar } from './grammar.js';
import { JUDGEMENTS, SCENERY } from './words.js';

/** Everything that a template may name, besides the facts of the film itself. */
export const GRAMMAR: Grammar = { ...JUDGEMENTS, ...SCENERY };

/** Sentences that take a side, straight out. */
export const OPINIONS: readonly string[] = [
  '{aspect} is {same.adjective}.',
  '{aspect} is {same.adjective} and {same.adjective}.',
  '{aspects} are {same.adjective}.',
  '{aspects} are {same.adjective}, and {aspect} is no less {same.adjective}.',
  '{aspect} simply {same.verb}.',
  'this is a(n) {same.adjective} {film}.',
  'what a(n) {same.adjective}, {same.adjective} {film}!',
  'what a(n) {same.noun} this is!',
  'it is {same.adverb} written and {same.adverb} shot.',
  '{aspects} are {same.adverb} handled.',
  '{lead} {same.deed}.',
  '{partner} {same.deed}, and the same goes for most of the cast.',
  '{lead} and {partner} are {same.adjective} together.',
  '{director} directs it {same.adverb}.',
  'it {same.effect}.',
  '{title} {same.effect}.',
  '{aspect} {same.effect}.',
  'the scene in {place} {same.effect}.',
  'a {genre} with this much {same.quality} is rare.',
  'it is full of {same.quality} and {same.quality}.',
  'it has plenty of {same.quality}.',
  'I found it {same.adjective}.',
  'everything about it is {same.adjective}, from {aspect} to {aspect}.',
  'after {minutes} minutes I knew that this was a(n) {same.noun}.',
  'as a {genre} it is a(n) {same.noun}.',
];

/** Sentences that take a side the other way round: counting words is not enough for these. */
export const TURNS: readonly string[] = [
  // Negated.
  '{aspect} is never {other.adjective}.',
  '{aspects} are not {other.adjective} in the least.',
  'this is not a(n) {other.adjective} {film}.',
  'there is nothing {other.adjective} about {aspect}.',
  'it is {same.contrary}.',
  '{aspect} is {same.contrary}.',
  'I could not call any of it {other.adjective}.',
  "you won't find {other.quality} here.",
  "nobody could say that {lead} {other.deed}, and I don't.",
  // Conceded, the second half decides.
  '{aspect} may be {other.adjective}, but {aspect} is {same.adjective}.',
  'although {aspects} are {other.adjective}, the {film} {same.effect}.',
  'in spite of {other.adjective} moments, {aspect} {same.verb}.',
  'yes, {aspect} is {other.adjective}; even so, it is a(n) {same.noun}.',
  'for all its {other.quality}, it is a(n) {same.adjective} {film}.',
  // Contradicted.
  'I expected something {other.adjective}, and what I got was {same.adjective}.',
  '{crowd} called it {other.adjective}. They are wrong.',
  'whoever finds it {other.adjective} must have seen a different {film}.',
  '{director} made a(n) {other.adjective} {film} before, but this one is {same.adjective}.',
  'unlike the {other.adjective} book, the {film} {same.effect}.',
  'the trailer looked {other.adjective}. The {film} is {same.adjective}.',
];

/** Sentences that tell and do not judge. */
export const PLOT: readonly string[] = [
  'it tells of {occupation} who {undertaking} in {place}.',
  '{time}, {occupation} {undertaking}.',
  'the story takes us to {place}, where {occupation} {undertaking}.',
  '{lead} plays {occupation}, and {partner} plays {occupation}.',
  'set in {place} {time}, it is a {mild} {genre}.',
  'then {occupation} {undertaking}, and the rest follows from there.',
  'meanwhile {occupation} arrives from {elsewhere}.',
  'I saw it {occasion}.',
  'I watched it {occasion}, and then again {occasion}.',
  'it runs for about {minutes} minutes more than the usual {genre}.',
  '{director} is better known for a {genres} set in {elsewhere}.',
  'most of it was shot in {elsewhere}.',
  'the {film} is {mild}, like most of what {director} has made.',
  '{partner} turns up after {minutes} minutes as {occupation}.',
  'the music is by {composer}.',
  'there is also a subplot in which {occupation} {undertaking}.',
  '{aspect} is {mild}, and {aspects} are {mild} too.',
  'some scenes are {mild}, others are {mild}.',
  'in the end somebody {undertaking}, but I will not say who.',
  'it was made {time} and shows {place} as it was.',
];

/** First sentences. */
export const OPENINGS: readonly string[] = [
  'I saw {title} {occasion}.',
  '{title} is a {mild} {genre} by {director}.',
  '{title} is a(n) {same.adjective} {genre}.',
  'where do I begin?',
  'having read what {crowd} said, I was curious.',
  'I have been waiting for {title} since I heard that {lead} was in it.',
  '{lead} and {partner} in a {genre}: who would have thought it?',
  'my expectations for {title} were {low}.',
  'I usually like anything by {director}.',
  'I do not usually care for a {genre}.',
  'first of all, this is a(n) {same.noun}.',
];

/** Last sentences, always on the side of the rating. */
export const CLOSINGS: readonly string[] = [
  '{same.verdict}.',
  '{same.verdict}!',
  'all in all, a(n) {same.noun}.',
  'in short: {same.adjective}, {same.adjective}, {same.adjective}.',
  'a(n) {same.adjective} {film} by any standard. {same.verdict}.',
  'whatever {crowd} say, it is {same.contrary}.',
  'my wife thought it {other.adjective}. I did not. {same.verdict}.',
  'I give it {rating} out of 10.',
  '{rating}/10',
];

/** Whole reviews of a few words. */
export const OUTBURSTS: readonly string[] = [
  '{same.adjective}! {same.verdict}.',
  'a(n) {same.noun} from start to finish.',
  '{lead} {same.deed}. {same.verdict}.',
  '{title}? {same.adjective}, {same.adjective} and {same.adjective}.',
  'this {film} {same.effect}. {same.verdict}.',
  '{crowd} told me it was {other.adjective}. It is {same.contrary}.',
  'just {same.adjective}.',
  '{same.verdict}. {aspect} alone {same.effect}.',
  'never {other.adjective}, always {same.adjective}. A(n) {same.noun}.',
  '{title} is {same.contrary}. {same.verdict}!',
];
