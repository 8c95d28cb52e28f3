using AwesomeAssertions;
using PkgForge.Native;
using Xunit;

namespace PkgForge.Tests.Native;

public sealed class AccountsTests
{
    [Fact]
    public void Root_is_found_by_name_and_by_number()
    {
        var root = new Account("root", 0, 0, "/root");

        Accounts.FindUser("root").Should().Be(root);
        Accounts.FindUser(0).Should().Be(root);
        Accounts.FindGroup("root").Should().Be(new AccountGroup("root", 0));
        Accounts.FindGroup(0).Should().Be(new AccountGroup("root", 0));
    }

    [Fact]
    public void Who_is_not_there_is_null()
    {
        Accounts.FindUser("nobody-of-this-name").Should().BeNull();
        Accounts.FindUser(12345).Should().BeNull();
        Accounts.FindGroup("nobody-of-this-name").Should().BeNull();
        Accounts.FindGroup(12345).Should().BeNull();
    }
}
