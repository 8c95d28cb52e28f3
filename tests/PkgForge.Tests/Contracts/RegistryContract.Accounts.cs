using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Who may use the farm over HTTP.</summary>
public abstract partial class RegistryContract
{
    private static NewCredential Token(string sha256, string label = "default", bool writes = true) =>
        new(sha256, Session: false, label, writes, Long);

    [Fact]
    public async Task An_account_has_a_role_and_buckets()
    {
        (await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel)).Should().BeTrue();
        (await Registry.AddAccountAsync("ada", AccountRole.Admin, Cancel)).Should().BeFalse("the name is taken");
        (await Registry.SetMaintainerAsync("ada", "main", true, Cancel)).Should().BeTrue();
        (await Registry.SetMaintainerAsync("ada", "main", true, Cancel)).Should().BeTrue("it is so already");
        (await Registry.SetMaintainerAsync("ada", "test", true, Cancel)).Should().BeTrue();
        (await Registry.SetMaintainerAsync("ada", "test", false, Cancel)).Should().BeTrue();
        (await Registry.SetRoleAsync("ada", AccountRole.Viewer, Cancel)).Should().BeTrue();

        var account = (await Registry.ListAccountsAsync(Cancel)).Should().ContainSingle().Subject;

        (account.Name, account.Role).Should().Be(("ada", AccountRole.Viewer));
        account.Buckets.Should().Equal("main");
        foreach (
            var change in new[]
            {
                Registry.SetRoleAsync("bob", AccountRole.Admin, Cancel),
                Registry.SetMaintainerAsync("bob", "main", true, Cancel),
                Registry.RemoveAccountAsync("bob", Cancel),
                Registry.AddCredentialAsync("bob", Token(Sha), Cancel),
            }
        )
            (await change).Should().BeFalse("there is no bob");
    }

    [Fact]
    public async Task A_bucket_is_its_maintainers_and_admins()
    {
        foreach (
            var (name, role) in new[]
            {
                ("ada", AccountRole.Submitter),
                ("eve", AccountRole.Submitter),
                ("sue", AccountRole.Viewer),
                ("zoe", AccountRole.Admin),
            }
        )
            await Registry.AddAccountAsync(name, role, Cancel);
        await Registry.SetMaintainerAsync("ada", "main", true, Cancel);
        await Registry.SetMaintainerAsync("eve", "test", true, Cancel);
        await Registry.SetMaintainerAsync("sue", "main", true, Cancel);

        (await Registry.MaintainsAsync("ada", "main", Cancel)).Should().BeTrue();
        (await Registry.MaintainsAsync("zoe", "main", Cancel)).Should().BeTrue("admins may everything");
        (await Registry.MaintainsAsync("ada", "test", Cancel)).Should().BeFalse();
        (await Registry.MaintainsAsync("eve", "main", Cancel)).Should().BeFalse();
        (await Registry.MaintainsAsync("sue", "main", Cancel)).Should().BeFalse("a viewer submits nothing");
        (await Registry.MaintainsAsync("bob", "main", Cancel)).Should().BeFalse("there is no bob");
    }

    [Fact]
    public async Task A_credential_is_its_accounts_until_it_ends()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await Registry.SetMaintainerAsync("ada", "main", true, Cancel);
        await Registry.AddCredentialAsync("ada", Token(Sha, writes: false), Cancel);
        await Registry.AddCredentialAsync("ada", new(OtherSha, Session: true, "browser", true, Long), Cancel);

        var token = await Registry.FindCredentialAsync(Sha, Cancel);
        var session = await Registry.FindCredentialAsync(OtherSha, Cancel);

        token!.Should().BeEquivalentTo(new CredentialHolder("ada", AccountRole.Submitter, ["main"], false, false));
        (session!.Session, session.Writes).Should().Be((true, true));
        (await Registry.ListAccountsAsync(Cancel))
            .Single()
            .Tokens.Should()
            .ContainSingle()
            .Which.Writes.Should()
            .BeFalse();
        (await Registry.EndCredentialAsync(OtherSha, Cancel)).Should().BeTrue();
        (await Registry.EndCredentialAsync(OtherSha, Cancel)).Should().BeFalse();
        (await Registry.FindCredentialAsync(OtherSha, Cancel)).Should().BeNull();
        await ExecuteAsync($"UPDATE credential SET expires = {Ago(1)}");
        (await Registry.FindCredentialAsync(Sha, Cancel)).Should().BeNull("its time is up");
    }

    [Fact]
    public async Task A_new_token_of_a_label_ends_the_former_one()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await Registry.AddCredentialAsync("ada", Token(Sha, "ci"), Cancel);
        await Registry.AddCredentialAsync("ada", Token(OtherSha, "desk"), Cancel);

        await Registry.AddCredentialAsync("ada", Token(new('c', 64), "ci"), Cancel);

        (await Registry.FindCredentialAsync(Sha, Cancel)).Should().BeNull();
        (await Registry.FindCredentialAsync(OtherSha, Cancel)).Should().NotBeNull();
        (await Registry.EndCredentialsAsync("ada", "ci", Cancel)).Should().Be(1);
        (await Registry.FindCredentialAsync(new('c', 64), Cancel)).Should().BeNull();
        (await Registry.EndCredentialsAsync("ada", null, Cancel)).Should().Be(1);
        (await Registry.EndCredentialsAsync("bob", null, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Who_is_removed_has_no_way_in()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Admin, Cancel);
        await Registry.AddCredentialAsync("ada", Token(Sha), Cancel);

        (await Registry.RemoveAccountAsync("ada", Cancel)).Should().BeTrue();

        (await Registry.FindCredentialAsync(Sha, Cancel)).Should().BeNull();
        (await Registry.ListAccountsAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_was_done_is_listed_page_by_page_newest_first()
    {
        foreach (var job in new[] { "one", "two", "three" })
            await Registry.AddAuditAsync("ada", "retry", job, Cancel);

        var first = await Registry.ListAuditAsync(null, 2, Cancel);
        var second = await Registry.ListAuditAsync(first[^1].Number, 2, Cancel);

        first.Select(entry => entry.Subject).Should().Equal("three", "two");
        second
            .Should()
            .ContainSingle()
            .Which.Should()
            .Match<AuditEntry>(e => e.Account == "ada" && e.Action == "retry" && e.Subject == "one");
    }

    [Fact]
    public async Task Products_of_a_task_are_listed()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        (await Registry.ListProductsAsync(JobId.Parse("hello"), Bookworm, Cancel)).Should().BeEmpty();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        (await Registry.ListProductsAsync(JobId.Parse("hello"), Bookworm, Cancel))
            .Should()
            .Equal(new Product("hello_2.10-3_amd64.deb", 53_000, OtherSha));
    }

    [Fact]
    public async Task Who_waits_for_jobs_is_woken_when_one_comes_and_when_a_task_ends()
    {
        await using var wakeUp = await Registry.ListenAsync(Topic.Jobs, Cancel);
        var wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel);
        await RegisterAsync("hello");
        await wait.WaitAsync(Long, Cancel);
        var task = await ClaimAsync(await BuilderAsync());
        while (await wakeUp.WaitAsync(TimeSpan.FromMilliseconds(200), Cancel)) { }

        wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel);
        await FinishAsync(task, BuildTaskState.Success);

        await wait.WaitAsync(Long, Cancel);
    }
}
