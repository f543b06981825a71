"""The part of the schema that the fake knows; names and types are GitHub's."""

from graphql import GraphQLSchema, build_schema

_TEXT = """
scalar Base64String
scalar BigInt
scalar DateTime
scalar GitObjectID
scalar URI

enum IssueState { CLOSED OPEN }
enum MergeQueueEntryState { AWAITING_CHECKS LOCKED MERGEABLE QUEUED UNMERGEABLE }
enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
enum MergeableState { CONFLICTING MERGEABLE UNKNOWN }
enum PullRequestBranchUpdateMethod { MERGE REBASE }
enum PullRequestMergeMethod { MERGE REBASE SQUASH }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
enum PullRequestState { CLOSED MERGED OPEN }
enum ReportedContentClassifiers { ABUSE DUPLICATE OFF_TOPIC OUTDATED RESOLVED SPAM }

interface Node { id: ID! }
interface Actor { login: String! }
interface Minimizable { isMinimized: Boolean! minimizedReason: String }
interface GitSignature { isValid: Boolean! wasSignedByGitHub: Boolean! }

type User implements Actor & Node { id: ID! login: String! databaseId: Int }
type Bot implements Actor & Node { id: ID! login: String! databaseId: Int }
type Organization implements Actor & Node { id: ID! login: String! databaseId: Int }
type GpgSignature implements GitSignature { isValid: Boolean! wasSignedByGitHub: Boolean! }
type PageInfo {
  endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String
}
type RateLimit { cost: Int! limit: Int! remaining: Int! resetAt: DateTime! used: Int! }
type GitActor { name: String email: String user: User }
type Commit implements Node {
  id: ID! oid: GitObjectID! message: String! messageHeadline: String! url: URI!
  committedDate: DateTime! author: GitActor committer: GitActor signature: GitSignature
}
type Ref implements Node { id: ID! name: String! prefix: String! target: Commit }
type Label implements Node { id: ID! name: String! color: String! }
type LabelConnection { nodes: [Label] totalCount: Int! pageInfo: PageInfo! }
type IssueComment implements Node & Minimizable {
  id: ID! databaseId: Int fullDatabaseId: BigInt author: Actor body: String! createdAt: DateTime!
  updatedAt: DateTime! lastEditedAt: DateTime editor: Actor isMinimized: Boolean!
  minimizedReason: String url: URI! viewerDidAuthor: Boolean!
}
type IssueCommentConnection { nodes: [IssueComment] totalCount: Int! pageInfo: PageInfo! }
type IssueCommentEdge { cursor: String! node: IssueComment }
type PullRequestReview implements Node {
  id: ID! author: Actor body: String! state: PullRequestReviewState! submittedAt: DateTime
  commit: Commit
}
type PullRequestReviewConnection { nodes: [PullRequestReview] totalCount: Int! pageInfo: PageInfo! }
type PullRequestCommit implements Node { id: ID! commit: Commit! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] totalCount: Int! pageInfo: PageInfo! }
type AutoMergeRequest {
  commitBody: String commitHeadline: String enabledAt: DateTime enabledBy: Actor
  mergeMethod: PullRequestMergeMethod!
}
type MergeQueueEntry implements Node {
  id: ID! position: Int! state: MergeQueueEntryState! enqueuedAt: DateTime! enqueuer: Actor!
  headCommit: Commit baseCommit: Commit pullRequest: PullRequest
}
type MergeQueue implements Node { id: ID! url: URI! }
type Issue implements Node {
  id: ID! databaseId: Int number: Int! title: String! body: String! state: IssueState!
  closed: Boolean! url: URI! author: Actor createdAt: DateTime! updatedAt: DateTime!
  closedAt: DateTime lastEditedAt: DateTime editor: Actor
  labels(first: Int, last: Int, after: String, before: String): LabelConnection
  comments(first: Int, last: Int, after: String, before: String): IssueCommentConnection!
}
type PullRequest implements Node {
  id: ID! databaseId: Int fullDatabaseId: BigInt number: Int! title: String! body: String!
  state: PullRequestState! closed: Boolean! merged: Boolean! isDraft: Boolean! url: URI!
  author: Actor createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime mergedAt: DateTime
  mergedBy: Actor lastEditedAt: DateTime editor: Actor mergeCommit: Commit
  headRefName: String! headRefOid: GitObjectID! headRef: Ref
  baseRefName: String! baseRefOid: GitObjectID! baseRef: Ref
  mergeable: MergeableState! mergeStateStatus: MergeStateStatus!
  reviewDecision: PullRequestReviewDecision
  isInMergeQueue: Boolean! isMergeQueueEnabled: Boolean! mergeQueue: MergeQueue
  mergeQueueEntry: MergeQueueEntry autoMergeRequest: AutoMergeRequest
  additions: Int! deletions: Int! changedFiles: Int!
  labels(first: Int, last: Int, after: String, before: String): LabelConnection
  comments(first: Int, last: Int, after: String, before: String): IssueCommentConnection!
  reviews(first: Int, last: Int, after: String, before: String): PullRequestReviewConnection
  commits(first: Int, last: Int, after: String, before: String): PullRequestCommitConnection!
}
type PullRequestConnection { nodes: [PullRequest] totalCount: Int! pageInfo: PageInfo! }
type Repository implements Node {
  id: ID! databaseId: Int name: String! nameWithOwner: String! isArchived: Boolean!
  isPrivate: Boolean! autoMergeAllowed: Boolean! mergeCommitAllowed: Boolean!
  squashMergeAllowed: Boolean! rebaseMergeAllowed: Boolean! url: URI!
  defaultBranchRef: Ref
  ref(qualifiedName: String!): Ref
  issue(number: Int!): Issue
  pullRequest(number: Int!): PullRequest
  pullRequests(
    first: Int, last: Int, after: String, before: String, headRefName: String,
    baseRefName: String, states: [PullRequestState!]
  ): PullRequestConnection!
  mergeQueue(branch: String): MergeQueue
}

input CommittableBranch { id: ID repositoryNameWithOwner: String branchName: String }
input FileAddition { path: String! contents: Base64String! }
input FileDeletion { path: String! }
input FileChanges { additions: [FileAddition!] = [] deletions: [FileDeletion!] = [] }
input CommitMessage { headline: String! body: String }
input CreateCommitOnBranchInput {
  branch: CommittableBranch! expectedHeadOid: GitObjectID! fileChanges: FileChanges
  message: CommitMessage! clientMutationId: String
}
input RevertPullRequestInput {
  pullRequestId: ID! title: String body: String draft: Boolean = false clientMutationId: String
}
input EnablePullRequestAutoMergeInput {
  pullRequestId: ID! mergeMethod: PullRequestMergeMethod = MERGE commitHeadline: String
  commitBody: String expectedHeadOid: GitObjectID authorEmail: String clientMutationId: String
}
input DisablePullRequestAutoMergeInput { pullRequestId: ID! clientMutationId: String }
input MergePullRequestInput {
  pullRequestId: ID! mergeMethod: PullRequestMergeMethod = MERGE commitHeadline: String
  commitBody: String expectedHeadOid: GitObjectID authorEmail: String clientMutationId: String
}
input EnqueuePullRequestInput {
  pullRequestId: ID! expectedHeadOid: GitObjectID jump: Boolean clientMutationId: String
}
input DequeuePullRequestInput { id: ID! clientMutationId: String }
input AddCommentInput { subjectId: ID! body: String! clientMutationId: String }
input MinimizeCommentInput {
  subjectId: ID! classifier: ReportedContentClassifiers! clientMutationId: String
}
input MarkPullRequestReadyForReviewInput { pullRequestId: ID! clientMutationId: String }
input ConvertPullRequestToDraftInput { pullRequestId: ID! clientMutationId: String }
input UpdatePullRequestBranchInput {
  pullRequestId: ID! expectedHeadOid: GitObjectID
  updateMethod: PullRequestBranchUpdateMethod clientMutationId: String
}

type CreateCommitOnBranchPayload { commit: Commit ref: Ref clientMutationId: String }
type RevertPullRequestPayload {
  pullRequest: PullRequest revertPullRequest: PullRequest clientMutationId: String
}
type EnablePullRequestAutoMergePayload {
  actor: Actor pullRequest: PullRequest clientMutationId: String
}
type DisablePullRequestAutoMergePayload {
  actor: Actor pullRequest: PullRequest clientMutationId: String
}
type MergePullRequestPayload { actor: Actor pullRequest: PullRequest clientMutationId: String }
type EnqueuePullRequestPayload { mergeQueueEntry: MergeQueueEntry clientMutationId: String }
type DequeuePullRequestPayload { mergeQueueEntry: MergeQueueEntry clientMutationId: String }
type AddCommentPayload { commentEdge: IssueCommentEdge subject: Node clientMutationId: String }
type MinimizeCommentPayload { minimizedComment: Minimizable clientMutationId: String }
type MarkPullRequestReadyForReviewPayload { pullRequest: PullRequest clientMutationId: String }
type ConvertPullRequestToDraftPayload { pullRequest: PullRequest clientMutationId: String }
type UpdatePullRequestBranchPayload { pullRequest: PullRequest clientMutationId: String }

type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  rateLimit(dryRun: Boolean = false): RateLimit
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  viewer: User!
}
type Mutation {
  addComment(input: AddCommentInput!): AddCommentPayload
  convertPullRequestToDraft(
    input: ConvertPullRequestToDraftInput!): ConvertPullRequestToDraftPayload
  createCommitOnBranch(input: CreateCommitOnBranchInput!): CreateCommitOnBranchPayload
  dequeuePullRequest(input: DequeuePullRequestInput!): DequeuePullRequestPayload
  disablePullRequestAutoMerge(
    input: DisablePullRequestAutoMergeInput!): DisablePullRequestAutoMergePayload
  enablePullRequestAutoMerge(
    input: EnablePullRequestAutoMergeInput!): EnablePullRequestAutoMergePayload
  enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload
  markPullRequestReadyForReview(
    input: MarkPullRequestReadyForReviewInput!): MarkPullRequestReadyForReviewPayload
  mergePullRequest(input: MergePullRequestInput!): MergePullRequestPayload
  minimizeComment(input: MinimizeCommentInput!): MinimizeCommentPayload
  revertPullRequest(input: RevertPullRequestInput!): RevertPullRequestPayload
  updatePullRequestBranch(input: UpdatePullRequestBranchInput!): UpdatePullRequestBranchPayload
}
"""

SCHEMA: GraphQLSchema = build_schema(_TEXT)
