using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>What was done over HTTP, looked for.</summary>
public abstract partial class RegistryContract
{
    [Fact]
    public async Task What_was_done_is_found_by_who_what_and_of_what()
    {
        foreach (
            var (account, action, subject) in new[]
            {
                ("ada", "retry", "hello"),
                ("ada", "cancel", "hello bookworm-amd64"),
                ("bob", "cancel", "world"),
                ("bob", "cancel", "hell%"),
            }
        )
            await Registry.AddAuditAsync(account, action, subject, Cancel);

        (await FindAuditEntriesAsync(new())).Should().Equal("hell%", "world", "hello bookworm-amd64", "hello");
        (await FindAuditEntriesAsync(new(Account: "ada"))).Should().Equal("hello bookworm-amd64", "hello");
        (await FindAuditEntriesAsync(new(Action: "cancel", Account: "ada"))).Should().Equal("hello bookworm-amd64");
        (await FindAuditEntriesAsync(new(Subject: "hello"))).Should().Equal("hello bookworm-amd64", "hello");
        (await FindAuditEntriesAsync(new(Subject: "hell%")))
            .Should()
            .Equal(["hell%"], "no sign means more than itself");
        (await FindAuditEntriesAsync(new(Account: "eve"))).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_found_comes_page_by_page_and_says_where_it_ends()
    {
        foreach (var job in new[] { "one", "two", "three" })
            await Registry.AddAuditAsync("ada", "retry", job, Cancel);

        var first = await Registry.FindAuditAsync(new(AtMost: 2, Account: "ada"), Cancel);
        var second = await Registry.FindAuditAsync(new(first.Next, 2, "ada"), Cancel);

        first.Entries.Select(entry => entry.Subject).Should().Equal("three", "two");
        second.Entries.Select(entry => entry.Subject).Should().Equal("one");
        second.Next.Should().BeNull();
    }

    [Fact]
    public async Task What_is_rare_in_a_long_history_is_found_in_pages_that_each_look_at_so_many_entries()
    {
        await Registry.AddAuditAsync("bob", "cancel", "long ago", Cancel);
        await ExecuteAsync(
            $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
            INSERT INTO audit (at, account, action, subject) SELECT {Ago(1)}, 'ada', 'submit', 'x' FROM n
            """
        );

        var first = await Registry.FindAuditAsync(new(Account: "bob"), Cancel);
        var second = await Registry.FindAuditAsync(new(Account: "bob", Before: first.Next), Cancel);

        first.Entries.Should().BeEmpty();
        first.Next.Should().NotBeNull("there is more behind what was looked at");
        second.Entries.Should().ContainSingle().Which.Subject.Should().Be("long ago");
        second.Next.Should().BeNull();
    }

    private async Task<IEnumerable<string>> FindAuditEntriesAsync(AuditQuery query) =>
        (await Registry.FindAuditAsync(query, Cancel)).Entries.Select(entry => entry.Subject);
}
