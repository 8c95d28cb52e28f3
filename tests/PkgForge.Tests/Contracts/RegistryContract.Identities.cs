using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Who is known by the word of a provider of identities; and what accounts' owners see of their credentials.</summary>
public abstract partial class RegistryContract
{
    private const string Provider = "https://id.example.org";

    [Fact]
    public async Task The_first_log_in_binds_an_account_to_an_identity_and_the_name_counts_no_more()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await Registry.AddAccountAsync("bob", AccountRole.Admin, Cancel);
        var entered = new IdentityEntry(IdentityOutcome.Entered, "ada");
        (await EnterAsync("7", "ada")).Should().Be(entered);

        (await EnterAsync("7", "bob")).Should().Be(entered, "a new name of the same person is nobody else's account");
        (await EnterAsync("8", "ada")).Outcome.Should().Be(IdentityOutcome.OtherIdentity, "ada is somebody already");
        (await Registry.EnterAsync(new("https://other.example.org", "7", "bob"), null, null, Cancel))
            .Should()
            .Be(new IdentityEntry(IdentityOutcome.Entered, "bob"), "another provider's 7 is another person");
        (await Registry.ForgetIdentitiesAsync("ada", Cancel)).Should().BeTrue();
        (await Registry.ForgetIdentitiesAsync("nobody", Cancel)).Should().BeFalse();
        (await EnterAsync("8", "ada")).Should().Be(entered);
        (await EnterAsync("7", "ada")).Outcome.Should().Be(IdentityOutcome.OtherIdentity);
        await Registry.RemoveAccountAsync("ada", Cancel);
        (await EnterAsync("8", "ada")).Should().Be(new IdentityEntry(IdentityOutcome.NoAccount, "ada"));
    }

    [Fact]
    public async Task An_account_is_made_only_where_that_is_said_and_its_role_follows_the_providers_word()
    {
        (await EnterAsync("7", "ada")).Outcome.Should().Be(IdentityOutcome.NoAccount);
        (await Registry.ListAccountsAsync(Cancel)).Should().BeEmpty();

        await EnterAsync("7", "ada", null, AccountRole.Viewer);
        (await RoleAsync("ada")).Should().Be(AccountRole.Viewer);
        await EnterAsync("7", "ada", AccountRole.Admin, AccountRole.Viewer);
        (await RoleAsync("ada")).Should().Be(AccountRole.Admin);
        await EnterAsync("7", "ada");
        (await RoleAsync("ada")).Should().Be(AccountRole.Admin, "nothing was said");
        await EnterAsync("9", "eve", AccountRole.Submitter, AccountRole.Viewer);
        (await RoleAsync("eve")).Should().Be(AccountRole.Submitter);
    }

    [Fact]
    public async Task One_of_many_log_ins_at_once_binds()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel);

        var entries = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => EnterAsync($"{i}", "ada")));

        entries.Count(entry => entry.Outcome == IdentityOutcome.Entered).Should().Be(1);
        entries.Count(entry => entry.Outcome == IdentityOutcome.OtherIdentity).Should().Be(7);
    }

    [Fact]
    public async Task An_owner_sees_its_credentials_and_ends_no_others()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await Registry.AddAccountAsync("bob", AccountRole.Submitter, Cancel);
        await Registry.AddCredentialAsync("ada", Token(Sha, "ci", writes: false), Cancel);
        await Registry.AddCredentialAsync("ada", new(OtherSha, Session: true, "browser", true, Long), Cancel);

        var seen = await Registry.ListCredentialsAsync("ada", Cancel);

        seen.Select(one => (one.Sha256, one.Session, one.Label, one.Writes))
            .Should()
            .BeEquivalentTo([(Sha, false, "ci", false), (OtherSha, true, "browser", true)]);
        (await Registry.ListCredentialsAsync("bob", Cancel)).Should().BeEmpty();
        (await Registry.EndOwnCredentialAsync("bob", Sha, Cancel)).Should().BeFalse("it is ada's");
        (await Registry.EndOwnCredentialAsync("ada", Sha, Cancel)).Should().BeTrue();
        (await Registry.FindCredentialAsync(Sha, Cancel)).Should().BeNull();
        await ExecuteAsync($"UPDATE credential SET expires = {Ago(1)}");
        (await Registry.ListCredentialsAsync("ada", Cancel)).Should().BeEmpty("its time is up");
    }

    [Fact]
    public async Task Sessions_of_an_account_are_bounded_and_the_eldest_goes()
    {
        await Registry.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await Registry.AddCredentialAsync("ada", Token(new('f', 64)), Cancel);
        for (var i = 0; i < 60; i++)
            await Registry.AddCredentialAsync("ada", new($"{i:x64}", Session: true, "browser", true, Long), Cancel);

        var left = await Registry.ListCredentialsAsync("ada", Cancel);

        left.Count(one => one.Session).Should().Be(50);
        left.Should().Contain(one => one.Sha256 == $"{59:x64}").And.Contain(one => !one.Session);
    }

    private Task<IdentityEntry> EnterAsync(
        string subject,
        string name,
        AccountRole? role = null,
        AccountRole? newAs = null
    ) => Registry.EnterAsync(new(Provider, subject, name), role, newAs, Cancel);

    private async Task<AccountRole> RoleAsync(string name) =>
        (await Registry.ListAccountsAsync(Cancel)).Single(account => account.Name == name).Role;
}
